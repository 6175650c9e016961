// Checks an exported ledger with the code behind Go's checksum database:
// verify VKEY DIR: the checkpoint's signature, every entry's inclusion, growth from every size.
package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must(err)
	text, err := os.ReadFile(filepath.Join(os.Args[2], "checkpoint"))
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	var origin, root string
	var size int64
	_, err = fmt.Sscan(opened.Text, &origin, &size, &root)
	must(err)
	signed, err := tlog.ParseHash(root)
	must(err)

	file, err := os.Open(filepath.Join(os.Args[2], "entries.jsonl"))
	must(err)
	var stored, leaves []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		hashes, err := tlog.StoredHashes(int64(len(leaves)), lines.Bytes(), reader)
		must(err)
		stored = append(stored, hashes...)
		leaves = append(leaves, tlog.RecordHash(lines.Bytes()))
	}
	must(lines.Err())
	if int64(len(leaves)) != size {
		must(fmt.Errorf("%d entries, but the checkpoint says %d", len(leaves), size))
	}
	for n := int64(0); n < size; n++ {
		proof, err := tlog.ProveRecord(size, n, reader)
		must(err)
		must(tlog.CheckRecord(proof, size, signed, n, leaves[n]))
		old, err := tlog.TreeHash(n+1, reader)
		must(err)
		growth, err := tlog.ProveTree(size, n+1, reader)
		must(err)
		must(tlog.CheckTree(growth, size, signed, n+1, old))
	}
	fmt.Println(size)
}

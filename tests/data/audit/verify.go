// Checks an exported ledger with the code behind Go's checksum database:
// verify VKEY DIR: the checkpoint's signature, every entry's inclusion, growth from every size.
// Of a pruned entry (an empty line) the leaf's hash stands in its hash tile.
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

// leaf reads the hash of a pruned entry from the tiles of level 0 (C2SP tlog-tiles).
func leaf(dir string, n, size int64) (hash tlog.Hash) {
	tile, width := n/256, size-n/256*256
	name := fmt.Sprintf("%03d", tile%1000)
	for rest := tile / 1000; rest > 0; rest /= 1000 {
		name = fmt.Sprintf("x%03d/%s", rest%1000, name)
	}
	if width < 256 {
		name = fmt.Sprintf("%s.p/%d", name, width)
	}
	hashes, err := os.ReadFile(filepath.Join(dir, "tile/0", name))
	must(err)
	place := int(n%256) * tlog.HashSize
	if len(hashes) < place+tlog.HashSize {
		must(fmt.Errorf("tile/0/%s ends before entry %d", name, n))
	}
	copy(hash[:], hashes[place:])
	return hash
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
		n, hash := int64(len(leaves)), tlog.RecordHash(lines.Bytes())
		if len(lines.Bytes()) == 0 {
			hash = leaf(os.Args[2], n, size)
		}
		hashes, err := tlog.StoredHashesForRecordHash(n, hash, reader)
		must(err)
		stored = append(stored, hashes...)
		leaves = append(leaves, hash)
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

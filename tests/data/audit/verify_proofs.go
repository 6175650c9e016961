// Checks the entries of an unpacked evidence bundle with the code behind Go's checksum database:
// verify_proofs VKEY DIR: the checkpoint's signature, and the proof file of every entry.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type line struct {
	Entry string
	Seq   int64
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The hashes of a C2SP tlog-proof, and the signed checkpoint in it.
func read(path string, seq int64) (tlog.RecordProof, string) {
	text, err := os.ReadFile(path)
	must(err)
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", seq) {
		must(fmt.Errorf("%s is no proof of entry %d", path, seq))
	}
	var proof tlog.RecordProof
	for _, encoded := range lines[2:] {
		hash, err := tlog.ParseHash(encoded)
		must(err)
		proof = append(proof, hash)
	}
	return proof, checkpoint
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must(err)
	trusted, err := os.ReadFile(filepath.Join(os.Args[2], "checkpoint"))
	must(err)
	opened, err := note.Open(trusted, note.VerifierList(verifier))
	must(err)
	var origin, root string
	var size int64
	_, err = fmt.Sscan(opened.Text, &origin, &size, &root)
	must(err)
	signed, err := tlog.ParseHash(root)
	must(err)

	file, err := os.Open(filepath.Join(os.Args[2], "entries.jsonl"))
	must(err)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	count := 0
	for ; lines.Scan(); count++ {
		var held line
		must(json.Unmarshal(lines.Bytes(), &held))
		path := filepath.Join(os.Args[2], "proofs", fmt.Sprintf("%d.tlog-proof", held.Seq))
		proof, checkpoint := read(path, held.Seq)
		if checkpoint != string(trusted) {
			must(fmt.Errorf("%s is under another checkpoint", path))
		}
		must(tlog.CheckRecord(proof, size, signed, held.Seq, tlog.RecordHash([]byte(held.Entry))))
	}
	must(lines.Err())
	fmt.Println(count)
}

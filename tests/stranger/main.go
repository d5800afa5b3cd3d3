// Command stranger reads a whole log knowing only the published specifications: C2SP signed-note,
// tlog-checkpoint and tlog-tiles, and RFC 6962. It shares no code with the project and sends no token.
//
//	stranger PREFIX VKEY
//
// It verifies the checkpoint's signature, fetches every tile and every entry bundle, and checks that
//
//   - each entry hashes to its place in the level 0 tiles,
//   - each hash in a higher tile is the hash of the full tile below it,
//   - the root over all of them is the one that was signed,
//   - an inclusion proof for every entry, and consistency proofs between many sizes, hold.
//
// It prints one JSON object and exits 0, or says on standard error why it refuses and exits 1.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type report struct {
	Origin            string    `json:"origin"`
	Size              int64     `json:"size"`
	Root              tlog.Hash `json:"root"`
	Entries           int       `json:"entries"`
	InclusionProofs   int       `json:"inclusion_proofs"`
	ConsistencyProofs int       `json:"consistency_proofs"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: stranger PREFIX VKEY")
		os.Exit(2)
	}
	found, err := checkLog(strings.TrimSuffix(os.Args[1], "/"), os.Args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "stranger:", err)
		os.Exit(1)
	}
}

func checkLog(prefix, vkey string) (*report, error) {
	found, err := readCheckpoint(prefix, vkey)
	if err != nil {
		return nil, err
	}
	tiles, err := readTiles(prefix, found.Size)
	if err != nil {
		return nil, err
	}
	leaves, err := readEntries(prefix, found.Size)
	if err != nil {
		return nil, err
	}
	found.Entries = len(leaves)
	known, err := grow(leaves, tiles)
	if err != nil {
		return nil, err
	}
	root, err := known.root(found.Size)
	if err != nil {
		return nil, err
	}
	if root != found.Root {
		return nil, fmt.Errorf("the tiles give root %v but the checkpoint says %v", root, found.Root)
	}
	if found.InclusionProofs, err = known.checkInclusion(root); err != nil {
		return nil, err
	}
	found.ConsistencyProofs, err = known.checkConsistency(found.Size)
	return found, err
}

// readCheckpoint fetches and verifies the checkpoint; its origin must be the key's name.
func readCheckpoint(prefix, vkey string) (*report, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("verifier key: %w", err)
	}
	body, err := fetch(prefix, "checkpoint", plainText)
	if err != nil {
		return nil, err
	}
	signed, err := note.Open(body, note.VerifierList(verifier))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(signed.Text, "\n"), "\n")
	if len(lines) < 3 {
		return nil, fmt.Errorf("checkpoint: %d lines where at least 3 are due", len(lines))
	}
	for _, line := range lines {
		if line == "" {
			return nil, errors.New("checkpoint: an empty line")
		}
	}
	if lines[0] != verifier.Name() {
		return nil, fmt.Errorf("checkpoint: origin %q but the key is for %q", lines[0], verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("checkpoint: %q is not a tree size", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return nil, fmt.Errorf("checkpoint: %q is not a root hash", lines[2])
	}
	found := &report{Origin: lines[0], Size: size}
	copy(found.Root[:], root)
	return found, nil
}

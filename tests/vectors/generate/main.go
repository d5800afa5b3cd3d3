// Command generate writes the vectors that Go's own packages make: go_tlog.json and go_note.json.
//
//	generate DIRECTORY
//
// Everything in them is derived from fixed text, so a second run writes the same bytes.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate DIRECTORY")
		os.Exit(2)
	}
	for name, vectorsOf := range map[string]func() (interface{}, error){
		"go_tlog.json": tlogVectors,
		"go_note.json": noteVectors,
	} {
		vectors, err := vectorsOf()
		if err == nil {
			err = write(filepath.Join(os.Args[1], name), vectors)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "generate: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func write(path string, vectors interface{}) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(vectors); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}

// hexed is bytes that JSON holds as hexadecimal digits.
type hexed []byte

func (h hexed) MarshalText() ([]byte, error) {
	return []byte(hex.EncodeToString(h)), nil
}

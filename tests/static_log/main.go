// Command static_log writes a log as static files in the layout of C2SP tlog-tiles, with Go's packages
// and nothing of the project.
//
//	static_log FOLDER ORIGIN SIZE
//
// A log may hold any bytes; each leaf here has the form of an entry of the project's protocol. It prints the
// verifier key of the log.
package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileWidth  = 256
	tileHeight = 8
)

// stored is every hash that sumdb/tlog asks to be kept, in its own order.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("hash %d is not stored", index)
		}
		hashes[i] = s[index]
	}
	return hashes, nil
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: static_log FOLDER ORIGIN SIZE")
		os.Exit(2)
	}
	size, err := strconv.ParseInt(os.Args[3], 10, 64)
	if err == nil {
		err = writeLog(os.Args[1], os.Args[2], size)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "static_log:", err)
		os.Exit(1)
	}
}

func entry(n int64) []byte {
	return []byte(fmt.Sprintf(
		`{"v":1,"op":"publish","time":"2026-03-02T09:30:00Z","digest":"%s","size":%d}`, strings.Repeat("A", 43), 33+n%1000))
}

func writeLog(folder, origin string, size int64) error {
	var log stored
	for n := int64(0); n < size; n++ {
		hashes, err := tlog.StoredHashes(n, entry(n), log)
		if err != nil {
			return err
		}
		log = append(log, hashes...)
	}
	if err := writeTiles(folder, log, size); err != nil {
		return err
	}
	root, err := tlog.TreeHash(size, log)
	if err != nil {
		return err
	}
	private, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return err
	}
	fmt.Println(public)
	return write(folder, "checkpoint", signed)
}

func writeTiles(folder string, log stored, size int64) error {
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		count := size >> (tileHeight * level)
		for n := int64(0); n*tileWidth < count; n++ {
			width := int64(tileWidth)
			if left := count - n*tileWidth; left < width {
				width = left
			}
			tile := tlog.Tile{H: tileHeight, L: level, N: n, W: int(width)}
			body, err := tlog.ReadTileData(tile, log)
			if err != nil {
				return err
			}
			if err := write(folder, fmt.Sprintf("tile/%d/%s", level, path(n, width)), body); err != nil {
				return err
			}
			if level > 0 {
				continue
			}
			if err := write(folder, "tile/entries/"+path(n, width), bundle(n, width)); err != nil {
				return err
			}
		}
	}
	return nil
}

func bundle(n, width int64) []byte {
	var out []byte
	for i := n * tileWidth; i < n*tileWidth+width; i++ {
		var length [2]byte
		binary.BigEndian.PutUint16(length[:], uint16(len(entry(i))))
		out = append(append(out, length[:]...), entry(i)...)
	}
	return out
}

// path is for fewer than a thousand tiles at a level.
func path(n, width int64) string {
	if width == tileWidth {
		return fmt.Sprintf("%03d", n)
	}
	return fmt.Sprintf("%03d.p/%d", n, width)
}

func write(folder, name string, body []byte) error {
	file := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, body, 0o644)
}

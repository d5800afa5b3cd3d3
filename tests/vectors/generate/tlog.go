// This file makes roots, tiles and proofs with golang.org/x/mod/sumdb/tlog.

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	leaves     = 70000
	tileWidth  = 256
	tileHeight = 8
)

type tlogFile struct {
	Source      string           `json:"source"`
	Leaf        string           `json:"leaf"`
	Roots       map[string]hexed `json:"roots"`
	Tiles       map[string]hexed `json:"sha256_of_tiles"`
	TopTiles    map[string]hexed `json:"tiles"`
	Inclusion   []inclusion      `json:"inclusion"`
	Consistency []consistency    `json:"consistency"`
}

type inclusion struct {
	Size  int64   `json:"size"`
	Index int64   `json:"index"`
	Leaf  hexed   `json:"leaf_hash"`
	Proof []hexed `json:"proof"`
}

type consistency struct {
	Old   int64   `json:"old"`
	New   int64   `json:"new"`
	Proof []hexed `json:"proof"`
}

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

func leaf(n int64) []byte {
	return []byte(fmt.Sprintf("leaf %d", n))
}

func tlogVectors() (interface{}, error) {
	var log stored
	for n := int64(0); n < leaves; n++ {
		hashes, err := tlog.StoredHashes(n, leaf(n), log)
		if err != nil {
			return nil, err
		}
		log = append(log, hashes...)
	}
	file := tlogFile{
		Source: "golang.org/x/mod/sumdb/tlog; size 0 is RFC 6962's SHA-256 of nothing; paths are C2SP tlog-tiles'",
		Leaf:   "the ASCII text \"leaf N\", N the index in decimal",
	}
	var err error
	if file.Roots, err = roots(log); err != nil {
		return nil, err
	}
	if file.Tiles, file.TopTiles, err = tiles(log); err != nil {
		return nil, err
	}
	if file.Inclusion, err = inclusions(log); err != nil {
		return nil, err
	}
	file.Consistency, err = consistencies(log)
	return file, err
}

func roots(log stored) (map[string]hexed, error) {
	empty := sha256.Sum256(nil)
	roots := map[string]hexed{"0": empty[:]}
	sizes := []int64{255, 256, 257, 511, 512, 513, 65535, 65536, 65537, leaves}
	for size := int64(1); size <= 70; size++ {
		sizes = append(sizes, size)
	}
	for _, size := range sizes {
		root, err := tlog.TreeHash(size, log)
		if err != nil {
			return nil, err
		}
		roots[fmt.Sprint(size)] = append(hexed{}, root[:]...)
	}
	return roots, nil
}

// tiles gives the SHA-256 of every tile and entry bundle of the whole log, and the bytes of those above level 0
// that are partial.
func tiles(log stored) (sums, bodies map[string]hexed, err error) {
	sums, bodies = map[string]hexed{}, map[string]hexed{}
	add := func(path string, body []byte) {
		sum := sha256.Sum256(body)
		sums[path] = sum[:]
	}
	for level := 0; leaves>>(tileHeight*level) > 0; level++ {
		count := int64(leaves >> (tileHeight * level))
		for n := int64(0); n*tileWidth < count; n++ {
			width := tileWidth
			if left := count - n*tileWidth; left < tileWidth {
				width = int(left)
			}
			body, err := tlog.ReadTileData(tlog.Tile{H: tileHeight, L: level, N: n, W: width}, log)
			if err != nil {
				return nil, nil, err
			}
			path := fmt.Sprintf("tile/%d/%s", level, tilePath(n, width))
			add(path, body)
			if level > 0 && width < tileWidth {
				bodies[path] = body
			}
			if level == 0 {
				add("tile/entries/"+tilePath(n, width), bundle(n, width))
			}
		}
	}
	return sums, bodies, nil
}

// bundle is the entries of a tile, each after its length.
func bundle(n int64, width int) []byte {
	var out bytes.Buffer
	for i := n * tileWidth; i < n*tileWidth+int64(width); i++ {
		binary.Write(&out, binary.BigEndian, uint16(len(leaf(i))))
		out.Write(leaf(i))
	}
	return out.Bytes()
}

// tilePath is for fewer than a thousand tiles at a level.
func tilePath(n int64, width int) string {
	if width == tileWidth {
		return fmt.Sprintf("%03d", n)
	}
	return fmt.Sprintf("%03d.p/%d", n, width)
}

func inclusions(log stored) ([]inclusion, error) {
	var all []inclusion
	add := func(size int64, indexes ...int64) error {
		root, err := tlog.TreeHash(size, log)
		if err != nil {
			return err
		}
		for _, index := range indexes {
			proof, err := tlog.ProveRecord(size, index, log)
			if err != nil {
				return err
			}
			hash := tlog.RecordHash(leaf(index))
			if err := tlog.CheckRecord(proof, size, root, index, hash); err != nil {
				return err
			}
			all = append(all, inclusion{size, index, hash[:], hexes(proof)})
		}
		return nil
	}
	for size := int64(1); size <= 8; size++ {
		for index := int64(0); index < size; index++ {
			if err := add(size, index); err != nil {
				return nil, err
			}
		}
	}
	for _, size := range []int64{13, 64, 65, 255, 256, 257, 513, 65536, 65537, leaves} {
		last := size - 1
		if err := add(size, 0, 1, size/3, size/2, last-1, last); err != nil {
			return nil, err
		}
	}
	return all, add(leaves, 255, 256, 257, 511, 65279, 65535, 65536, 65791, 65792, 69887, 69888)
}

func consistencies(log stored) ([]consistency, error) {
	var all []consistency
	add := func(older, newer int64) error {
		oldRoot, err := tlog.TreeHash(older, log)
		if err != nil {
			return err
		}
		newRoot, err := tlog.TreeHash(newer, log)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(newer, older, log)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, newer, newRoot, older, oldRoot); err != nil {
			return err
		}
		all = append(all, consistency{older, newer, hexes(proof)})
		return nil
	}
	for newer := int64(1); newer <= 8; newer++ {
		for older := int64(1); older <= newer; older++ {
			if err := add(older, newer); err != nil {
				return nil, err
			}
		}
	}
	sizes := []int64{1, 13, 64, 65, 255, 256, 257, 512, 513, 65535, 65536, 65537, leaves}
	for i, older := range sizes {
		for _, newer := range sizes[i+1:] {
			if err := add(older, newer); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func hexes(hashes []tlog.Hash) []hexed {
	out := make([]hexed, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

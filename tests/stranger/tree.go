// This file proves: it grows the tree over the leaves, holds it against the tiles and asks for proofs.

package main

import (
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// allPairsTo is the size up to which every pair of sizes is tried.
const allPairsTo = 40

// A tree holds the hash of every complete subtree: tree[h][i] covers the leaves from i<<h to (i+1)<<h.
// It answers sumdb/tlog's requests for hashes.
type tree [][]tlog.Hash

// grow hashes the leaves upwards, and compares with the tiles wherever a tile holds that level.
func grow(leaves []tlog.Hash, tiles [][]tlog.Hash) (tree, error) {
	var known tree
	for hashes := leaves; len(hashes) > 0; {
		if height := len(known); height%tileHeight == 0 {
			level := height / tileHeight
			for i, hash := range hashes {
				if hash != tiles[level][i] {
					return nil, fmt.Errorf("tiles: hash %d at level %d is not the hash of what it covers", i, level)
				}
			}
		}
		known = append(known, hashes)
		above := make([]tlog.Hash, len(hashes)/2)
		for i := range above {
			above[i] = tlog.NodeHash(hashes[2*i], hashes[2*i+1])
		}
		hashes = above
	}
	return known, nil
}

// ReadHashes implements tlog.HashReader.
func (known tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		height, n := tlog.SplitStoredHashIndex(index)
		if height >= len(known) || n >= int64(len(known[height])) {
			return nil, fmt.Errorf("the tiles do not reach hash %d at height %d", n, height)
		}
		hashes[i] = known[height][n]
	}
	return hashes, nil
}

// root is RFC 6962's: over no leaves it is the hash of nothing, where sumdb/tlog has zeroes.
func (known tree) root(size int64) (tlog.Hash, error) {
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	return tlog.TreeHash(size, known)
}

// checkInclusion proves every entry to be in the whole tree, and returns how many proofs held.
func (known tree) checkInclusion(root tlog.Hash) (int, error) {
	if len(known) == 0 {
		return 0, nil
	}
	size := int64(len(known[0]))
	for n, leaf := range known[0] {
		proof, err := tlog.ProveRecord(size, int64(n), known)
		if err == nil {
			err = tlog.CheckRecord(proof, size, root, int64(n), leaf)
		}
		if err != nil {
			return n, fmt.Errorf("inclusion of entry %d: %w", n, err)
		}
	}
	return len(known[0]), nil
}

// checkConsistency proves earlier trees to be prefixes of later ones, and returns how many proofs held.
func (known tree) checkConsistency(size int64) (int, error) {
	done := 0
	for _, pair := range sizePairs(size) {
		older, newer := pair[0], pair[1]
		oldRoot, err := known.root(older)
		if err != nil {
			return done, err
		}
		newRoot, err := known.root(newer)
		if err != nil {
			return done, err
		}
		proof, err := tlog.ProveTree(newer, older, known)
		if err == nil {
			err = tlog.CheckTree(proof, newer, newRoot, older, oldRoot)
		}
		if err != nil {
			return done, fmt.Errorf("consistency from %d to %d: %w", older, newer, err)
		}
		done++
	}
	return done, nil
}

// sizePairs gives every pair of sizes in a small log. In a larger one it gives every pair of these: the powers of
// two, the sizes at which the first, the middle and the last full tile were filled, the whole, and their neighbours.
func sizePairs(size int64) [][2]int64 {
	wanted := map[int64]bool{}
	around := func(n int64) { wanted[n-1], wanted[n], wanted[n+1] = true, true, true }
	around(size)
	for n := int64(1); n <= size; n *= 2 {
		around(n)
	}
	full := size / tileWidth
	for _, tiles := range []int64{1, (full + 1) / 2, full} {
		around(tiles * tileWidth)
	}
	var sizes []int64
	for n := int64(1); n <= size; n++ {
		if wanted[n] || size <= allPairsTo {
			sizes = append(sizes, n)
		}
	}
	var pairs [][2]int64
	for i, older := range sizes {
		for _, newer := range sizes[i+1:] {
			pairs = append(pairs, [2]int64{older, newer})
		}
	}
	return pairs
}

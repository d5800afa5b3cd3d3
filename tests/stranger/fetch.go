// This file fetches: the paths of tlog-tiles and what they hold.

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileWidth  = 256                      // hashes in a full tile, entries in a full bundle
	tileHeight = 8                        // tree levels in a tile
	maxBody    = tileWidth * (2 + 0xffff) // the longest full entry bundle
	plainText  = "text/plain; charset=utf-8"
	octets     = "application/octet-stream"
)

var errNotFound = errors.New("not found")

// readTiles returns the hashes in the tiles of each level of a log of that size.
func readTiles(prefix string, size int64) ([][]tlog.Hash, error) {
	var levels [][]tlog.Hash
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		var hashes []tlog.Hash
		err := eachTile(size>>(tileHeight*level), func(n int64, width int) error {
			name := fmt.Sprintf("tile/%d/", level)
			body, served, err := fetchTile(prefix, name, n, width)
			if err != nil {
				return err
			}
			if len(body) != served*tlog.HashSize {
				return fmt.Errorf("%s: %d bytes for %d hashes", name+tilePath(n, served), len(body), served)
			}
			for i := 0; i < width; i++ {
				var hash tlog.Hash
				copy(hash[:], body[i*tlog.HashSize:])
				hashes = append(hashes, hash)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		levels = append(levels, hashes)
	}
	return levels, nil
}

// readEntries returns the leaf hash of every entry.
func readEntries(prefix string, size int64) ([]tlog.Hash, error) {
	var leaves []tlog.Hash
	err := eachTile(size, func(n int64, width int) error {
		body, served, err := fetchTile(prefix, "tile/entries/", n, width)
		if err != nil {
			return err
		}
		name := "tile/entries/" + tilePath(n, served)
		for i := 0; i < served; i++ {
			if len(body) < 2 || len(body)-2 < int(binary.BigEndian.Uint16(body)) {
				return fmt.Errorf("%s: ends inside entry %d of %d", name, i, served)
			}
			end := 2 + int(binary.BigEndian.Uint16(body))
			if i < width {
				leaves = append(leaves, tlog.RecordHash(body[2:end]))
			}
			body = body[end:]
		}
		if len(body) != 0 {
			return fmt.Errorf("%s: %d bytes after its %d entries", name, len(body), served)
		}
		return nil
	})
	return leaves, err
}

// eachTile calls visit for each tile that holds count hashes: the full ones, then the partial one.
func eachTile(count int64, visit func(n int64, width int) error) error {
	for n := int64(0); n*tileWidth < count; n++ {
		width := tileWidth
		if left := count - n*tileWidth; left < tileWidth {
			width = int(left)
		}
		if err := visit(n, width); err != nil {
			return err
		}
	}
	return nil
}

// fetchTile fetches a tile and says how wide it is: when the log has grown and dropped a partial tile,
// the full one stands in for it.
func fetchTile(prefix, name string, n int64, width int) (body []byte, served int, err error) {
	body, err = fetch(prefix, name+tilePath(n, width), octets)
	if width < tileWidth && errors.Is(err, errNotFound) {
		if full, fullErr := fetch(prefix, name+tilePath(n, tileWidth), octets); fullErr == nil {
			return full, tileWidth, nil
		}
	}
	return body, width, err
}

// tilePath gives index 1234067 as x001/x234/067, and .p/W after it for a partial tile.
func tilePath(n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

func fetch(prefix, path, contentType string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, prefix+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "gzip, identity")
	client := http.Client{Timeout: time.Minute}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%s: %w", path, errNotFound)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	if got := response.Header.Get("Content-Type"); got != contentType {
		return nil, fmt.Errorf("%s: Content-Type is %q, not %q", path, got, contentType)
	}
	var reader io.Reader = response.Body
	if response.Header.Get("Content-Encoding") == "gzip" {
		if reader, err = gzip.NewReader(response.Body); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	var body bytes.Buffer
	if _, err := io.Copy(&body, io.LimitReader(reader, maxBody+1)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if body.Len() > maxBody {
		return nil, fmt.Errorf("%s: longer than %d bytes", path, maxBody)
	}
	return body.Bytes(), nil
}

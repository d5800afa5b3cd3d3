// This file makes keys and signed notes with golang.org/x/mod/sumdb/note, and notes that it refuses.

package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type noteFile struct {
	Source      string       `json:"source"`
	Keys        []noteKey    `json:"keys"`
	RefusedKeys []refusedKey `json:"refused_keys"`
	Notes       []signedNote `json:"notes"`
	Refused     []refused    `json:"refused"`
}

// A noteKey is known to the notes below by its ID.
type noteKey struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Seed hexed  `json:"seed"`
	Hash string `json:"key_id"`
	VKey string `json:"vkey"`

	signer note.Signer
}

type refusedKey struct {
	Case  string `json:"case"`
	VKey  string `json:"vkey"`
	Error string `json:"error"`
}

// A signedNote opens with the known keys; the signatures by others are left unverified.
type signedNote struct {
	Case       string   `json:"case"`
	Text       string   `json:"text"`
	Note       string   `json:"note"`
	Known      []string `json:"known"`
	Verified   []string `json:"verified"`
	Unverified int      `json:"unverified"`
}

// A refused note does not open with the key "log". It is base64, as it need not be text.
type refused struct {
	Case   string `json:"case"`
	Note   []byte `json:"note"`
	Reason string `json:"reason"`
}

// Keys of the two who sign the example in the documentation of sumdb/note.
const (
	neumannSeed = "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173"
	enochSeed   = "0000000000000000000000000000000000000000000000000000000000000000"
)

func newKey(id, name string, seed []byte) (noteKey, error) {
	private := ed25519.NewKeyFromSeed(seed)
	vkey, err := note.NewEd25519VerifierKey(name, private.Public().(ed25519.PublicKey))
	if err != nil {
		return noteKey{}, err
	}
	hash := strings.Split(vkey, "+")[1]
	seeded := base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...))
	skey := strings.Join([]string{"PRIVATE", "KEY", name, hash, seeded}, "+")
	signer, err := note.NewSigner(skey)
	return noteKey{id, name, private.Seed(), hash, vkey, signer}, err
}

func noteVectors() (interface{}, error) {
	file := noteFile{Source: "golang.org/x/mod/sumdb/note"}
	keys := map[string]noteKey{}
	for _, of := range []struct{ id, name, seed string }{
		{"log", "node.example/log", strings.Repeat("01", 32)},
		{"witness", "witness.example/w1", strings.Repeat("02", 32)},
		{"same name", "node.example/log", strings.Repeat("03", 32)},
		{"unicode", "børnehjem.example/logbøger", strings.Repeat("04", 32)},
		{"neumann", "PeterNeumann", neumannSeed},
		{"enoch", "EnochRoot", enochSeed},
	} {
		seed, err := hex.DecodeString(of.seed)
		if err != nil {
			return nil, err
		}
		key, err := newKey(of.id, of.name, seed)
		if err != nil {
			return nil, err
		}
		keys[key.ID] = key
		file.Keys = append(file.Keys, key)
	}
	var err error
	if file.RefusedKeys, err = refusedKeys(keys["log"]); err != nil {
		return nil, err
	}
	if file.Notes, err = signedNotes(keys); err != nil {
		return nil, err
	}
	file.Refused, err = refusedNotes(keys)
	return file, err
}

func refusedKeys(key noteKey) ([]refusedKey, error) {
	parts := strings.SplitN(key.VKey, "+", 3)
	name, hash, material := parts[0], parts[1], parts[2]
	raw, err := base64.StdEncoding.DecodeString(material)
	if err != nil {
		return nil, err
	}
	var all []refusedKey
	for _, tried := range [][2]string{
		{"empty", ""},
		{"no key ID", name + "+" + material},
		{"no key", name + "+" + hash + "+"},
		{"no name", "+" + hash + "+" + material},
		{"a space in the name", vkeyOf("node example", raw)},
		{"another name", "other.example/log+" + hash + "+" + material},
		{"another key ID", name + "+00000000+" + material},
		{"a short key ID", name + "+" + hash[1:] + "+" + material},
		{"key ID not hexadecimal", name + "+" + hash[1:] + "g+" + material},
		{"a key without its type", vkeyOf(name, raw[1:])},
		{"a type without a key", vkeyOf(name, raw[:1])},
		{"a short key", vkeyOf(name, raw[:32])},
		{"a long key", vkeyOf(name, append(raw[:33:33], 0))},
		{"not base64", name + "+" + hash + "+" + material[1:]},
		{"URL-safe base64", name + "+" + hash + "+-_" + material[2:]},
	} {
		_, err := note.NewVerifier(tried[1])
		if err == nil {
			return nil, fmt.Errorf("the key with %s was accepted", tried[0])
		}
		all = append(all, refusedKey{tried[0], tried[1], err.Error()})
	}
	return all, nil
}

// vkeyOf gives any name and material the ID that belongs to them.
func vkeyOf(name string, material []byte) string {
	id := sha256.Sum256(append([]byte(name+"\n"), material...))
	return fmt.Sprintf("%s+%x+%s", name, id[:4], base64.StdEncoding.EncodeToString(material))
}

func signedNotes(keys map[string]noteKey) ([]signedNote, error) {
	const problem = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
	checkpoint := fmt.Sprintf("node.example/log\n1\n%v\n", tlog.RecordHash(leaf(0)))
	one, both, all := []string{"log"}, []string{"log", "witness"}, []string{"log", "witness", "same name", "unicode"}
	var notes []signedNote
	for _, wanted := range []struct {
		name, text     string
		signers, known []string
	}{
		{"one signature", "Hello, neighbour.\n", one, one},
		{"only a newline", "\n", one, one},
		{"a blank line in the text", "First part.\n\nSecond part.\n", one, one},
		{"blank lines at both ends", "\n\nText.\n\n\n", one, one},
		{"two signatures, both known", checkpoint, both, both},
		{"two signatures, one known", checkpoint, both, one},
		{"a stranger's signature first", checkpoint, []string{"witness", "log"}, one},
		{"a second key with the same name is unknown", checkpoint, []string{"same name", "log"}, one},
		{"two keys with one name", checkpoint, []string{"same name", "log"}, []string{"log", "same name"}},
		{"a key whose name is not ASCII", "Text.\n", []string{"unicode"}, []string{"unicode"}},
		{"every key", checkpoint, all, all},
		{"unicode", "Grüße, 你好, عَرَبِيّ, 🏡, e\u0301, \u00a0, \u2028, \u0085, \ufeff\n", one, one},
		{"text that looks like a signature", "— node.example/log AAAA\n", one, one},
		{"text that looks like a note", "Text.\n\n— node.example/log AAAAAAAA\n", one, one},
		{"the package's own example", problem, []string{"neumann", "enoch"}, []string{"neumann", "enoch"}},
		{"delete is not a control character here", "Text.\u007f\n", one, one},
	} {
		var signers []note.Signer
		for _, id := range wanted.signers {
			signers = append(signers, keys[id].signer)
		}
		signed, err := note.Sign(&note.Note{Text: wanted.text}, signers...)
		if err != nil {
			return nil, err
		}
		opened, err := open(keys, signed, wanted.name, wanted.known)
		if err != nil {
			return nil, err
		}
		notes = append(notes, opened)
	}

	signed := notes[0].Note
	line := signed[strings.LastIndex(signed, "—"):]
	for _, wanted := range [][2]string{
		{"the same signature twice", signed + line},
		{"an unknown key with the same ID", signed + strings.Replace(line, "node.example/log", "other.example/log", 1)},
		{"an unknown signature of one byte", signed + "— other.example/log AAAAAAA=\n"},
		{"sixteen signatures", notes[0].Note + strings.Join(unknown(15), "")},
	} {
		opened, err := open(keys, []byte(wanted[1]), wanted[0], one)
		if err != nil {
			return nil, err
		}
		notes = append(notes, opened)
	}
	return notes, nil
}

// unknown gives signature lines that nobody made.
func unknown(count int) []string {
	lines := make([]string, count)
	for i := range lines {
		signature := make([]byte, 4+ed25519.SignatureSize)
		binary.BigEndian.PutUint32(signature, uint32(i))
		lines[i] = fmt.Sprintf("— witness%d.example %s\n", i, base64.StdEncoding.EncodeToString(signature))
	}
	return lines
}

func open(keys map[string]noteKey, signed []byte, name string, known []string) (signedNote, error) {
	var verifiers []note.Verifier
	ids := map[string]string{}
	for _, id := range known {
		verifier, err := note.NewVerifier(keys[id].VKey)
		if err != nil {
			return signedNote{}, err
		}
		verifiers = append(verifiers, verifier)
		ids[keys[id].Hash] = id
	}
	opened, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return signedNote{}, fmt.Errorf("%s: %w", name, err)
	}
	out := signedNote{name, opened.Text, string(signed), known, nil, len(opened.UnverifiedSigs)}
	for _, signature := range opened.Sigs {
		out.Verified = append(out.Verified, ids[fmt.Sprintf("%08x", signature.Hash)])
	}
	return out, nil
}

func refusedNotes(keys map[string]noteKey) ([]refused, error) {
	const text = "Hello, neighbour.\n"
	key := keys["log"]
	verifier, err := note.NewVerifier(key.VKey)
	if err != nil {
		return nil, err
	}
	signed := func(signer note.Signer, text string) string {
		out, signErr := note.Sign(&note.Note{Text: text}, signer)
		if signErr != nil {
			err = signErr
		}
		return string(out)
	}
	whole := signed(key.signer, text)
	line := whole[len(text)+1:]
	encoded := strings.TrimSpace(strings.TrimPrefix(line, "— node.example/log "))
	raw, decodeErr := base64.StdEncoding.DecodeString(encoded)
	if decodeErr != nil {
		return nil, decodeErr
	}
	by := func(name string, signature []byte) string {
		return "— " + name + " " + base64.StdEncoding.EncodeToString(signature) + "\n"
	}
	flipped := append([]byte{}, raw...)
	flipped[20] ^= 1
	other := signed(keys["same name"].signer, text)
	stolen, signErr := keys["same name"].signer.Sign([]byte(text))
	if signErr != nil {
		return nil, signErr
	}
	stolen = append(raw[:4:4], stolen...)

	var all []refused
	for _, tried := range [][2]string{
		{"nothing", ""},
		{"text alone", text},
		{"no signature after the blank line", text + "\n"},
		{"no blank line", text + line},
		{"no newline at the end", strings.TrimSuffix(whole, "\n")},
		{"no text", line},
		{"a blank line after the signature", whole + "\n"},
		{"text after the signature", whole + "More.\n"},
		{"carriage returns", strings.ReplaceAll(whole, "\n", "\r\n")},
		{"a tab in the text", signed(key.signer, "Hello,\tneighbour.\n")},
		{"a zero byte in the text", signed(key.signer, "Hello,\x00 neighbour.\n")},
		{"text that is not UTF-8", signed(key.signer, "Hello, \xff neighbour.\n")},
		{"text cut inside a character", signed(key.signer, "Hello, \xe2\x80 neighbour.\n")},
		{"a hyphen for the dash", text + "\n" + strings.Replace(line, "—", "-", 1)},
		{"an en dash for the dash", text + "\n" + strings.Replace(line, "—", "–", 1)},
		{"no space after the dash", text + "\n" + strings.Replace(line, "— ", "—", 1)},
		{"a space before the dash", text + "\n " + line},
		{"two spaces before the signature", text + "\n" + strings.Replace(line, "log ", "log  ", 1)},
		{"a space after the signature", strings.TrimSuffix(whole, "\n") + " \n"},
		{"no name", text + "\n" + by("", raw)},
		{"a plus in the name", text + "\n" + by("node.example+log", raw)},
		{"a no-break space in the name", text + "\n" + by("node.example\u00a0log", raw)},
		{"no signature after the name", text + "\n— node.example/log \n"},
		{"only a name", text + "\n— node.example/log\n"},
		{"a signature that is not base64", text + "\n— node.example/log !!!!\n"},
		{"a signature without its padding", text + "\n— node.example/log " + strings.TrimRight(encoded, "=") + "\n"},
		{"a key ID and no signature", text + "\n" + by("node.example/log", raw[:4])},
		{"a malformed line after a good one", whole + "— other.example/log !!!!\n"},
		{"only unknown signatures", text + "\n" + strings.Join(unknown(2), "")},
		{"the right key ID under another name", text + "\n" + by("other.example/log", raw)},
		{"the right name with another key's ID", other},
		{"another key's signature under the right name and ID", text + "\n" + by("node.example/log", stolen)},
		{"a bit of the signature flipped", text + "\n" + by("node.example/log", flipped)},
		{"a signature cut short", text + "\n" + by("node.example/log", raw[:67])},
		{"a signature too long", text + "\n" + by("node.example/log", append(raw[:68:68], 0))},
		{"another text", "Hello, neighbours.\n\n" + line},
		{"one blank line too many", text + "\n\n" + line},
		{"a newline dropped from the text", strings.Replace(signed(key.signer, "A\n\nB\n"), "A\n\nB", "A\nB", 1)},
		{"a bad signature by a known key before a good one", text + "\n" + by("node.example/log", flipped) + line},
	} {
		_, openErr := note.Open([]byte(tried[1]), note.VerifierList(verifier))
		reason, known := reasonOf(openErr)
		if !known {
			return nil, fmt.Errorf("the note with %s: %v", tried[0], openErr)
		}
		all = append(all, refused{tried[0], []byte(tried[1]), reason})
	}
	return all, err
}

// reasonOf sorts note.Open's refusals into three; false for a note that it accepts.
func reasonOf(err error) (string, bool) {
	var invalid *note.InvalidSignatureError
	var unverified *note.UnverifiedNoteError
	switch {
	case err == nil:
		return "", false
	case errors.As(err, &invalid):
		return "invalid signature", true
	case errors.As(err, &unverified):
		return "no known signature", true
	default:
		return "malformed", true
	}
}

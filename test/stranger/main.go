// Command stranger reads a log that Solely exported with Go's own tools for transparency logs alone: the signed note of its
// checkpoint, its tiles, and proofs of every leaf made from them. It checks proofs of Solely's, too, which come on stdin.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// dirTiles reads tiles of a folder. Go's own paths name the height, those of a static log don't.
type dirTiles string

func (dir dirTiles) Height() int                     { return height }
func (dir dirTiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (dir dirTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(dir.path(tile))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (dir dirTiles) path(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	return filepath.Join(string(dir), strings.Replace(path, "tile/8/", "tile/", 1))
}

// leaves are those of the bundle that a level-0 tile is made from.
func (dir dirTiles) leaves(tile tlog.Tile) [][]byte {
	tile.L = -1
	data, err := os.ReadFile(dir.path(tile))
	must(err)
	var leaves [][]byte
	for len(data) > 0 {
		length := int(binary.BigEndian.Uint16(data))
		leaves = append(leaves, data[2:2+length])
		data = data[2+length:]
	}
	return leaves
}

// proofs are what Solely says of the log.
type proofs struct {
	Inclusion []struct {
		Position int64
		Path     []string
	}
	Consistency []struct {
		From int64
		Path []string
	}
}

func main() {
	dir, key := dirTiles(os.Args[1]), os.Args[2]
	text, err := os.ReadFile(filepath.Join(string(dir), "checkpoint"))
	must(err)
	verifier, err := note.NewVerifier(key)
	must(err)
	signed, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	tree := tlog.Tree{N: size, Hash: hashOf(lines[2])}
	reader := tlog.TileHashReader(tree, dir)
	root, err := tlog.TreeHash(size, reader)
	must(err)
	check(root == tree.Hash, "the root is not that of the tiles")

	var records []tlog.Hash
	for first := int64(0); first < size; first += 1 << height {
		width := min(size-first, 1<<height)
		tile := tlog.Tile{H: height, L: 0, N: first >> height, W: int(width)}
		for _, leaf := range dir.leaves(tile) {
			records = append(records, tlog.RecordHash(leaf))
		}
	}
	check(int64(len(records)) == size, "not as many entries as leaves")
	for position, record := range records {
		proof, err := tlog.ProveRecord(size, int64(position), reader)
		must(err)
		must(tlog.CheckRecord(proof, size, root, int64(position), record))
	}

	var said proofs
	must(json.NewDecoder(os.Stdin).Decode(&said))
	for _, one := range said.Inclusion {
		must(tlog.CheckRecord(hashes(one.Path), size, root, one.Position, records[one.Position]))
	}
	for _, one := range said.Consistency {
		older, err := tlog.TreeHash(one.From, reader)
		must(err)
		must(tlog.CheckTree(hashes(one.Path), size, root, one.From, older))
	}
	fmt.Printf("%s: %d leaves, %d and %d proofs\n", signed.Sigs[0].Name, size, len(said.Inclusion), len(said.Consistency))
}

func hashes(texts []string) []tlog.Hash {
	var all []tlog.Hash
	for _, text := range texts {
		all = append(all, hashOf(text))
	}
	return all
}

func hashOf(text string) tlog.Hash {
	hash, err := tlog.ParseHash(text)
	must(err)
	return hash
}

func must(err error) {
	if err != nil {
		check(false, err.Error())
	}
}

func check(holds bool, what string) {
	if !holds {
		fmt.Fprintln(os.Stderr, what)
		os.Exit(1)
	}
}

package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadmeCode wants every Go block of the README to stand, but for its indentation, in an Example or in one of the
// programs in examples: those are compiled and run.
func TestReadmeCode(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlocks(string(readme))
	if len(blocks) == 0 {
		t.Error("README.md has no Go block: it should show how the library is used")
	}
	sources := exampleSources(t)
	for _, block := range blocks {
		if !containsBlock(sources, block) {
			t.Errorf("this Go block of README.md stands in no example_test.go and no examples/*/main.go:\n%s", block)
		}
	}
}

// exampleSources returns the text of every file that README code may come from.
func exampleSources(t *testing.T) []string {
	t.Helper()
	var sources []string
	for _, pattern := range []string{"*/example_test.go", "*/*/example_test.go", "examples/*/main.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources = append(sources, string(text))
		}
	}
	return sources
}

// goBlocks returns the blocks of Markdown that are marked as Go.
func goBlocks(markdown string) []string {
	var blocks []string
	for rest := "\n" + markdown; ; {
		_, after, found := strings.Cut(rest, "\n```go\n")
		if !found {
			return blocks
		}
		block, next, _ := strings.Cut(after, "\n```")
		blocks, rest = append(blocks, block), next
	}
}

// containsBlock reports whether one of the sources has the lines of block, whole and in a row.
func containsBlock(sources []string, block string) bool {
	for _, source := range sources {
		if strings.Contains(unindented(source), unindented(block)) {
			return true
		}
	}
	return false
}

// unindented returns text without the white space around each line, with a line break at both ends.
func unindented(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

func TestContainsBlock(t *testing.T) {
	const markdown = "text\n```go\nif ok {\n\tdo()\n}\n```\n```sh\nls\n```\n\n```go\ndo(\n```\n"
	blocks := goBlocks(markdown)
	if len(blocks) != 2 || blocks[0] != "if ok {\n\tdo()\n}" || blocks[1] != "do(" {
		t.Fatalf("goBlocks: got %q", blocks)
	}
	sources := []string{"package p\n\nfunc Example() {\n\tif ok {\n\t\tdo()\n\t}\n}\n"}
	if !containsBlock(sources, blocks[0]) {
		t.Errorf("%q was not found in %q", blocks[0], sources)
	}
	if containsBlock(sources, blocks[1]) {
		t.Errorf("%q, a part of a line, was found in %q", blocks[1], sources)
	}
}

package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	module = "github.com/sealwax/sealwax"
	root   = "../.." // of the module, from here
)

// A pkg is what `go list` says of one package.
type pkg struct {
	ImportPath string
	Name       string
	Standard   bool
	Imports    []string
	Export     string // file with export data, if asked for
	Module     *struct {
		Path string
		Main bool
	}
}

// short returns the path of a package of this module below the module, "" of any other package.
func short(path string) string {
	name, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return ""
	}
	return name
}

// public reports whether strangers can import the package.
func (p *pkg) public() bool {
	name := short(p.ImportPath)
	return name != "" && p.Name != "main" && !strings.Contains("/"+name+"/", "/internal/") && !under(name, "examples")
}

// under reports whether name is dir or stands below it.
func under(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

// A graph is the packages of this module and all that they import, tests excepted, by import path.
type graph map[string]*pkg

// list asks the go command. Env is for what the answer must not depend on.
func list(t *testing.T, env []string, args ...string) graph {
	t.Helper()
	watch(t)
	args = append([]string{"list", "-deps", "-json=ImportPath,Name,Standard,Imports,Export,Module"}, args...)
	cmd := exec.Command("go", append(args, "./...")...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	g := graph{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &pkg{}
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return g
		} else if err != nil {
			t.Fatal(err)
		}
		g[p.ImportPath] = p
	}
}

// linux makes an answer the same on every machine.
var linux = []string{"GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"}

// watch stats every source file: only what the test itself looks at makes `go test` run it again instead of showing its
// last result.
func watch(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); ext == ".go" || ext == ".mod" {
			_, err = os.Stat(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil // an editor's file, gone already
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// links returns what a program that imports the packages links, by import path.
func (g graph) links(paths ...string) map[string]bool {
	linked := make(map[string]bool)
	var add func(path string)
	add = func(path string) {
		if p := g[path]; p != nil && !linked[path] {
			linked[path] = true
			for _, i := range p.Imports {
				add(i)
			}
		}
	}
	for _, path := range paths {
		add(path)
	}
	return linked
}

package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows says which of our own packages each package may import: the house of
// the design, in which every arrow points down.
var arrows = map[string][]string{
	"smtpsh":                   {"smtpsh/shell/cli"},
	"smtpsh/shell/cli":         {"smtpsh/protocol", "smtpsh/protocol/know", "smtpsh/protocol/trace", "smtpsh/shell", "smtpsh/shell/practice", "smtpsh/shell/term", "smtpsh/shell/view"},
	"smtpsh/shell":             {"smtpsh/protocol", "smtpsh/protocol/know", "smtpsh/protocol/message", "smtpsh/protocol/sasl", "smtpsh/protocol/trace", "smtpsh/protocol/wire", "smtpsh/shell/practice", "smtpsh/shell/term", "smtpsh/shell/view"},
	"smtpsh/shell/view":        {"smtpsh/protocol", "smtpsh/protocol/know", "smtpsh/protocol/trace"},
	"smtpsh/shell/term":        {},
	"smtpsh/shell/practice":    {"smtpsh/protocol"},
	"smtpsh/protocol":          {},
	"smtpsh/protocol/know":     {"smtpsh/protocol"},
	"smtpsh/protocol/wire":     {"smtpsh/protocol"},
	"smtpsh/protocol/message":  {"smtpsh/protocol"},
	"smtpsh/protocol/sasl":     {"smtpsh/protocol"},
	"smtpsh/protocol/trace":    {"smtpsh/protocol"},
	"smtpsh/protocol/smtptest": {},
}

// source is one package as its files have it, tests left out.
type source struct {
	files   []*ast.File
	imports []string
}

// sources parses every package below the top of the repository.
func sources(t *testing.T) map[string]*source {
	t.Helper()
	top := filepath.Join("..", "..")
	found := map[string]*source{}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != top && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name := "smtpsh"
		if dir, _ := filepath.Rel(top, filepath.Dir(path)); dir != "." {
			name += "/" + filepath.ToSlash(dir)
		}
		if found[name] == nil {
			found[name] = &source{}
		}
		found[name].files = append(found[name].files, file)
		for _, spec := range file.Imports {
			found[name].imports = append(found[name].imports, strings.Trim(spec.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestArrowsPointDown(t *testing.T) {
	all := sources(t)
	for name, p := range all {
		allowed, known := arrows[name]
		if !known {
			t.Errorf("%s is no room of the house: add it to the arrows, with what it may import", name)
		}
		for _, path := range p.imports {
			if path == "github.com/chzyer/readline" && name != "smtpsh/shell/term" {
				t.Errorf("%s imports readline, which is shell/term's alone", name)
			}
			if strings.HasPrefix(path, "smtpsh") && !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s", name, path)
			}
		}
		if len(p.files) < 2 && name != "smtpsh" {
			t.Errorf("%s has one file: it belongs into its parent", name)
		}
	}
	for name := range arrows {
		if all[name] == nil {
			t.Errorf("%s is gone", name)
		}
	}
}

// TestProtocolIsPure holds protocol and protocol/message to what they are
// handed: no socket, no file, no randomness and no clock.
func TestProtocolIsPure(t *testing.T) {
	all := sources(t)
	for _, name := range []string{"smtpsh/protocol", "smtpsh/protocol/message"} {
		for _, path := range all[name].imports {
			if slices.Contains([]string{"net", "os", "crypto/rand", "math/rand", "math/rand/v2", "io/ioutil", "syscall"}, path) {
				t.Errorf("%s imports %s", name, path)
			}
		}
		for _, file := range all[name].files {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok {
					if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && (call.Sel.Name == "Now" || call.Sel.Name == "Since") {
						t.Errorf("%s reads the clock: time.%s", name, call.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

func TestNoInit(t *testing.T) {
	for name, p := range sources(t) {
		for _, file := range p.files {
			for _, decl := range file.Decls {
				if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s has an init function", name)
				}
			}
		}
	}
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, ".") && !slices.Contains([]string{"main.go", "shell", "protocol", "go.mod", "go.sum", "README.md"}, name) {
			t.Errorf("%s does not belong at the top level", name)
		}
	}
}

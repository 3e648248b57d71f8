package vectors

// Patterns match the files of this package, below the folder testdata.
var Patterns = []string{"vectors/*.txt", "keystores/v1/format-*.jsonl"}

// Files returns all files by their paths below the folder testdata.
func Files() map[string][]byte {
	files := map[string][]byte{}
	for _, v := range All() {
		files["vectors/"+v.Name+".txt"] = v.Text()
	}
	for _, k := range Keystores() {
		files["keystores/v1/"+k.Name+".jsonl"] = k.Body
	}
	return files
}

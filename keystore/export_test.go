package keystore

// Files is what NewFileFS runs a File on.
type Files = files

// NewFileFS returns the store in the file at path of another file system.
func NewFileFS(path string, fs Files) *File { return &File{path: path, fs: fs} }

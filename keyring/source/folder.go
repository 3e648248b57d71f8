package source

import "github.com/sealwax/sealwax/internal/durable"

// folder is a directory in which files are replaced. Crash tests put another one in its place.
type folder interface {
	durable.FS
	Exchange(a, b string) error
}

var _ folder = durable.Root{}

package source

// Options say what the caller knows about a source. The zero value and nil work.
type Options struct {
	// MaxMessage is the length of the longest message, in bytes. What is longer is a record that cannot be read: a file
	// or a line has to fit into memory, several times. The default is 64 MiB.
	MaxMessage int64
}

const defaultMaxMessage = 64 << 20

func (o *Options) maxMessage() int64 {
	if o == nil || o.MaxMessage <= 0 {
		return defaultMaxMessage
	}
	return o.MaxMessage
}

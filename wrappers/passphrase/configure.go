package passphrase

import (
	"context"
	"crypto/fips140"
	"errors"
	"io/fs"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/internal/secret"
	"github.com/sealwax/sealwax/internal/secretfile"
	"github.com/sealwax/sealwax/wrappers"
)

// Configure returns the wrapper that a config's block describes. The passphrase is read, or asked for, when it is first
// needed.
func Configure(_ context.Context, s *wrappers.Settings) (wrapping.Wrapper, error) {
	o := &Options{
		MemoryMiB: s.Int("memory_mib", 0, minMemory, maxMemory),
		Time:      s.Int("time", 0, 1, maxTime),
		Threads:   s.Int("threads", 0, 1, maxThreads),
	}
	if _, err := o.costs(); err != nil {
		s.Refuse("memory_mib", err.Error())
	}
	from := configuredSource(s)
	if err := s.Err(); err != nil {
		return nil, err
	}
	return newWrapper(from, o)
}

func configuredSource(s *wrappers.Settings) source {
	file, credential := s.Path("passphrase_file"), s.String("credential")
	switch {
	case file != "" && credential != "":
		s.Refuse("passphrase_file", "give at most one of passphrase_file and credential; with neither it is asked for at the terminal")
	case file != "":
		return fromFile(func() (secret.Bytes, error) { return secretfile.ReadPrivate(file) })
	case credential != "":
		return fromFile(func() (secret.Bytes, error) { return secretfile.ReadCredential(credential) })
	}
	return &terminal{label: "KEK " + s.ID(), open: openTerminal}
}

// WaitsForPerson reports whether the passphrase may have to be asked for.
func (w *Wrapper) WaitsForPerson() bool { return w.source != nil && w.source.asksPerson() }

// Offline returns true.
func (w *Wrapper) Offline() bool { return true }

// Check reports whether a file or credential can be read and holds a passphrase. It asks nobody.
func (w *Wrapper) Check(ctx context.Context) error {
	if fips140.Enforced() {
		return errFIPS
	}
	if w.source == nil || w.source.asksPerson() {
		return nil
	}
	pass, err := w.source.read(ctx, false)
	if err != nil {
		return err
	}
	pass, err = checkLength(pass)
	pass.Clear()
	return err
}

// Classify implements wrappers.Classifier.
func (w *Wrapper) Classify(err error) (wrappers.Class, string) {
	switch {
	case errors.Is(err, errOpen):
		if w.WaitsForPerson() {
			return wrappers.Never, "run the command again to type another one"
		}
		return wrappers.Never, ""
	case errors.Is(err, errClosed):
		return wrappers.Never, ""
	case errors.Is(err, errNoTerminal):
		return wrappers.Ask, "run it at a terminal, or set passphrase_file or credential"
	case errors.Is(err, errDiffer):
		return wrappers.Ask, "run the command again"
	case errors.Is(err, errLength):
		return wrappers.Ask, "give the right one; a new one must be longer, such as six random words"
	case errors.Is(err, errFIPS):
		return wrappers.Ask, "use another provider, or run without fips140=only"
	case errors.Is(err, secretfile.ErrMode): // its text has the command
		return wrappers.Ask, ""
	case errors.Is(err, fs.ErrNotExist):
		return wrappers.Ask, "put the passphrase where the config says it is"
	case errors.Is(err, fs.ErrPermission):
		return wrappers.Ask, "let the user of this process read it"
	}
	return 0, ""
}

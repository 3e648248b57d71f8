package wrappertest

import (
	"bytes"
	"io"
	"log"
	"log/slog"
	"os"
)

// nothingSecretInLogs uses a KEK in every state of the engine and looks at whatever was printed meanwhile.
func nothingSecretInLogs(s *suite) {
	printed := s.captured(func() {
		k, plaintext := s.kek(), s.plaintext(32)
		w, err := k.Wrap(s.Context(), plaintext, aad)
		if err != nil {
			s.Errorf("Wrap: %v", err)
			return
		}
		s.disturbed(func(string) {
			k.Unwrap(s.Context(), w, aad) // how it fails is another case's
			k.Wrap(s.Context(), plaintext, aad)
		})
		k.Unwrap(s.Context(), w, append(bytes.Clone(aad), 'x'))
		k.Close()
	})
	s.wantNoSecret(printed, "what was printed")
}

// captured returns what f prints to standard output, standard error, and the loggers of log and log/slog.
func (s *suite) captured(f func()) string {
	s.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		s.Fatal(err)
	}
	all := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(r) // of a pipe that is closed below
		all <- b
	}()
	stdout, stderr, logs, handler := os.Stdout, os.Stderr, log.Writer(), slog.Default()
	os.Stdout, os.Stderr = w, w
	log.SetOutput(w)
	slog.SetDefault(slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})))
	f()
	slog.SetDefault(handler)
	log.SetOutput(logs) // after slog, whose SetDefault redirects it
	os.Stdout, os.Stderr = stdout, stderr
	w.Close()
	defer r.Close()
	return string(<-all)
}

package hpke

import (
	"bytes"
	"crypto/hpke"
	"errors"
	"fmt"
	"time"

	"github.com/sealwax/sealwax/internal/secret"
)

const (
	recoveryPrefix = "sealwax-recovery-1-"
	seedSize       = 32

	// maxRecoveryFile bounds what ParseRecoveryKey looks at; Append writes less than 2200 bytes.
	maxRecoveryFile = 16 << 10
)

// A RecoveryKey is the private half of a recipient. It prints without the key, whatever the verb.
//
// It keeps the 32-byte seed alone and expands it for each use, which takes under a millisecond: the expanded key of the
// standard library could be neither cleared nor kept out of a dump.
type RecoveryKey struct {
	seed      secret.Bytes
	recipient *Recipient
}

// Generate returns a new recovery key, which the caller clears.
func Generate() (*RecoveryKey, error) {
	private, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("hpke: make recovery key: %w", err)
	}
	seed, err := private.Bytes()
	if err != nil {
		return nil, fmt.Errorf("hpke: make recovery key: %w", err)
	}
	// Bytes returns the slice that private itself holds, so that Clear leaves none behind. Private is not used again.
	return &RecoveryKey{secret.New(seed), newRecipient(private.PublicKey())}, nil
}

// ParseRecoveryKey parses the content of a recovery key file: one line with the key; empty lines, and lines that begin
// with #, are skipped, and so are spaces around a line. The caller owns file, and clears it and the key.
func ParseRecoveryKey(file []byte) (*RecoveryKey, error) {
	line, err := onlyLine(file)
	if err != nil {
		return nil, fmt.Errorf("hpke: parse recovery key: %w", err)
	}
	seed, err := parseText(recoveryPrefix, line, seedSize)
	if err != nil {
		return nil, fmt.Errorf("hpke: parse recovery key: %w", err)
	}
	k := &RecoveryKey{seed: secret.New(seed)}
	private, err := k.private()
	if err != nil {
		k.Clear()
		return nil, err
	}
	k.recipient = newRecipient(private.PublicKey())
	return k, nil
}

// onlyLine returns the one line of file that says something.
func onlyLine(file []byte) (only []byte, err error) {
	if len(file) > maxRecoveryFile {
		return nil, fmt.Errorf("file of %d bytes, at most %d are read", len(file), maxRecoveryFile)
	}
	for line := range bytes.Lines(file) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0 || line[0] == '#':
		case only != nil:
			return nil, errors.New("more than one line with a key")
		default:
			only = line
		}
	}
	if only == nil {
		return nil, errors.New("no line with a key")
	}
	return only, nil
}

// AppendFile appends the content of a recovery key file to dst: when it was made, its recipient, the key. Keep the
// result secret; the caller clears it.
func (k *RecoveryKey) AppendFile(dst []byte, created time.Time) []byte {
	dst = fmt.Appendf(dst, "# sealwax recovery key: opens every keystore that was wrapped to its recipient. Keep it offline.\n"+
		"# created: %s\n# fingerprint: %s\n# recipient: %s\n",
		created.UTC().Format(time.RFC3339), k.recipient.Fingerprint(), k.recipient)
	dst = appendText(dst, recoveryPrefix, k.seed.Expose())
	return append(dst, '\n')
}

// Recipient returns the public half.
func (k *RecoveryKey) Recipient() *Recipient { return k.recipient }

// Clear overwrites the key. A wrapper made from it cannot unwrap any more.
func (k *RecoveryKey) Clear() { k.seed.Clear() }

func (k *RecoveryKey) private() (hpke.PrivateKey, error) {
	if k.seed.Len() == 0 {
		return nil, errors.New("hpke: the recovery key was cleared")
	}
	private, err := hpke.MLKEM768X25519().NewPrivateKey(k.seed.Expose())
	if err != nil {
		return nil, fmt.Errorf("hpke: expand recovery key: %w", err)
	}
	return private, nil
}

package source

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// An encoding is how a message is written in a file: binary, or base64 and what followed it there.
type encoding struct {
	text bool
	tail string // "\n" as 'keyring seal' writes it, "\r\n", or nothing
}

// firstByte is what every binary message begins with, and no base64 does.
const firstByte = 0x01

// decode returns the message that a file's content is. The error is about that content, and is ErrNoMessage.
func decode(content []byte) ([]byte, encoding, error) {
	if len(content) == 0 {
		return nil, encoding{}, fmt.Errorf("%w: empty", ErrNoMessage)
	}
	if content[0] == firstByte {
		return content, encoding{}, nil
	}
	line := bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))
	msg, err := decode64(line)
	return msg, encoding{true, string(content[len(line):])}, err
}

// decode64 is strict, so that a message has one spelling: the decoder of the standard library passes over newlines.
func decode64(line []byte) ([]byte, error) {
	msg := make([]byte, base64.StdEncoding.DecodedLen(len(line)))
	n, err := strict64.Decode(msg, line)
	if err != nil || bytes.IndexByte(line, '\n') >= 0 || bytes.IndexByte(line, '\r') >= 0 {
		return nil, fmt.Errorf("%w: neither binary nor one line of base64", ErrNoMessage)
	}
	return msg[:n], nil
}

var strict64 = base64.StdEncoding.Strict()

// append appends the message to dst as e has it.
func (e encoding) append(dst, msg []byte) []byte {
	if !e.text {
		return append(dst, msg...)
	}
	return append(base64.StdEncoding.AppendEncode(dst, msg), e.tail...)
}

// fileSize returns how long a file with a message of n bytes may be.
func fileSize(n int64) int64 { return (n+2)/3*4 + 2 }

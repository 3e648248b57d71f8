package wrappers

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// piece is how many bytes in a row count as a part of a plaintext. Fewer might be there by chance, and 11 of a root's 32
// leave 168 bits to guess. It is divisible by 3, so that a piece is whole groups of base64 wherever these begin.
const piece = 12

// shows reports whether text holds 12 bytes in a row of plaintext, as they are or in a spelling that programs print bytes
// in: hexadecimal, base64, decimal numbers, a quoted string. A plaintext of fewer bytes is no key and is not looked for.
func shows(text string, plaintext []byte) bool {
	if len(plaintext) < piece || len(text) < piece {
		return false
	}
	plain := hexPlain.Replace(strings.ToLower(text))
	base := base64Plain.Replace(text)
	numbers := " " + strings.Join(strings.FieldsFunc(text, notDigit), " ") + " "
	for i := range len(plaintext) - piece + 1 {
		p := plaintext[i : i+piece]
		if allSame(p) {
			continue // padding, which every format has
		}
		if strings.Contains(text, string(p)) || strings.Contains(text, quoted(p)) ||
			strings.Contains(plain, hex.EncodeToString(p)) || strings.Contains(plain, shortHex(p)) ||
			strings.Contains(base, base64.StdEncoding.EncodeToString(p)) || strings.Contains(numbers, decimal(p)) {
			return true
		}
	}
	return false
}

var (
	// hexPlain takes away what stands between digits: "de:ad", "de ad", "0xde, 0xad", "\xde\xad".
	hexPlain = strings.NewReplacer("0x", "", `\x`, "", ":", "", ",", "", " ", "", "\t", "", "\r", "", "\n", "")
	// base64Plain turns the alphabet of URLs into the usual one, and takes away line breaks.
	base64Plain = strings.NewReplacer("-", "+", "_", "/", " ", "", "\r", "", "\n", "", `\n`, "")
)

func notDigit(r rune) bool { return !unicode.IsDigit(r) }

// decimal returns " 222 173 190 239 ", with spaces at the ends so that 22 is not found in 222.
func decimal(p []byte) string { return " " + strings.Trim(fmt.Sprint(p), "[]") + " " }

// shortHex returns what is left of Go's "0xde, 0xa, 0x0".
func shortHex(p []byte) string {
	var b strings.Builder
	for _, c := range p {
		b.WriteString(strconv.FormatUint(uint64(c), 16))
	}
	return b.String()
}

// quoted returns what strconv.Quote makes of p, without the quotation marks.
func quoted(p []byte) string {
	q := strconv.Quote(string(p))
	return q[1 : len(q)-1]
}

func allSame(p []byte) bool {
	for _, b := range p {
		if b != p[0] {
			return false
		}
	}
	return true
}

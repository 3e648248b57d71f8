package keystore

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
)

// An appender writes the one spelling of a keystore file, value by value, and is the mirror of scanner. The first value
// that has no spelling stays in err.
type appender struct {
	b     []byte
	field string // the one being written, for err
	err   error
}

func (a *appender) fail(format string, args ...any) {
	if a.err == nil {
		a.err = fmt.Errorf(a.field+": "+format, args...)
	}
}

func (a *appender) lit(s string) { a.b = append(a.b, s...) }

// open begins an object with its first field.
func (a *appender) open(field string) {
	a.field = field
	a.b = append(append(append(a.b, `{"`...), field...), `":`...)
}

// next begins another field.
func (a *appender) next(field string) {
	a.field = field
	a.b = append(append(append(a.b, `,"`...), field...), `":`...)
}

func (a *appender) text(s string, k kind) {
	if len(s) > k.max || !k.holds(s) {
		a.fail("%.80q is not %s", s, k.what)
	}
	a.quote(s)
}

// quote writes a string that is known to need no escapes.
func (a *appender) quote(s string) {
	a.b = append(append(append(a.b, '"'), s...), '"')
}

func (a *appender) id(id ID) {
	if id.IsZero() {
		a.fail("there is none")
	}
	a.b = append(id.append(append(a.b, '"')), '"')
}

// idV7 is id for the IDs that are always made by NewID.
func (a *appender) idV7(id ID) {
	if !id.IsZero() && !id.isV7() {
		a.fail("%s is not a UUIDv7", id)
	}
	a.id(id)
}

func (a *appender) optionalID(id ID) {
	if id.IsZero() {
		a.lit("null")
		return
	}
	a.idV7(id)
}

func (a *appender) uint(n, least, most uint64) {
	if n < least || n > most {
		a.fail("%d is not %d to %d", n, least, most)
	}
	a.b = strconv.AppendUint(a.b, n, 10)
}

// int is uint for what is small and an int in Go.
func (a *appender) int(n, least, most int) {
	if n < least || n > most {
		a.fail("%d is not %d to %d", n, least, most)
	}
	a.b = strconv.AppendInt(a.b, int64(n), 10)
}

func (a *appender) bool(v bool) { a.b = strconv.AppendBool(a.b, v) }

func (a *appender) time(t time.Time) {
	t = t.UTC()
	if y := t.Year(); y < minYear || y > maxYear {
		a.fail("the year %d is not %d to %d", y, minYear, maxYear)
	}
	if t.Nanosecond() != 0 {
		a.fail("%s is not a whole second", t.Format(time.RFC3339Nano))
	}
	a.b = append(t.AppendFormat(append(a.b, '"'), timeLayout), '"')
}

func (a *appender) optionalTime(t time.Time) {
	if t.IsZero() {
		a.lit("null")
		return
	}
	a.time(t)
}

func (a *appender) binary(b []byte, least, most int) {
	if len(b) < least || len(b) > most {
		a.fail("%d bytes are not %s", len(b), span(least, most))
	}
	a.b = append(base64.StdEncoding.AppendEncode(append(a.b, '"'), b), '"')
}

func (a *appender) optionalBinary(b []byte, least, most int) {
	if b == nil {
		a.lit("null")
		return
	}
	a.binary(b, least, most)
}

// list writes n elements; each writes element i.
func (a *appender) list(n, least, most int, each func(i int)) {
	if n < least || n > most {
		a.fail("%d elements are not %s", n, span(least, most))
	}
	a.lit("[")
	for i := range n {
		if i > 0 {
			a.lit(",")
		}
		each(i)
	}
	a.lit("]")
}

// span says "4" for 4 to 4, "at most 4" for 0 to 4 and "1 to 4" for 1 to 4.
func span(least, most int) string {
	switch least {
	case most:
		return strconv.Itoa(most)
	case 0:
		return "at most " + strconv.Itoa(most)
	}
	return strconv.Itoa(least) + " to " + strconv.Itoa(most)
}

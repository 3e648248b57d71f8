package keystore

import (
	"fmt"
	"slices"
)

const (
	wearMagic    = `{"format":"sealwax/wear/v`
	wearVersion1 = "1"
)

// ParseWear returns what the wear file data says, or ErrWearVersion or ErrWearDamaged: it takes nothing that [AppendWear]
// would have spelled otherwise. It does not keep data.
func ParseWear(data []byte) (*Wear, error) {
	found, wrong := versionOf(data, wearMagic)
	switch {
	case wrong != "":
		return nil, fmt.Errorf("keystore: %w: %s", ErrWearDamaged, wrong)
	case found != wearVersion1:
		return nil, fmt.Errorf("keystore: %w %s, this program knows %s", ErrWearVersion, found, wearVersion1)
	case len(data) > MaxSize:
		return nil, fmt.Errorf("keystore: %w: its %d bytes are more than %d", ErrWearDamaged, len(data), MaxSize)
	}
	s := &scanner{data: data, line: 1}
	w := s.wear()
	if s.err != nil {
		return nil, fmt.Errorf("keystore: %w: %w", ErrWearDamaged, s.err)
	}
	if wrong := w.rule(); wrong != "" {
		return nil, fmt.Errorf("keystore: %w: %s", ErrWearDamaged, wrong)
	}
	return w, nil
}

func (s *scanner) wear() *Wear {
	w := new(Wear)
	s.lit(wearMagic + wearVersion1 + `"`)
	s.next("id")
	w.ID = s.idV7()
	s.next("keystore")
	w.Keystore = s.idV7()
	s.next("begun")
	w.Begun = s.time()
	s.lit("}")
	s.endLine()
	for s.has(`{"key":`) {
		w.Keys = append(w.Keys, s.wornKey())
	}
	for s.has(`{"lease":`) {
		if len(w.Leases) == MaxWearLeases {
			s.fail("at most %d leases", MaxWearLeases)
			break
		}
		w.Leases = append(w.Leases, s.wearLease())
	}
	if s.pos < len(s.data) {
		s.fail("a key, a lease or the end of the file")
	}
	return w
}

func (s *scanner) wornKey() (k WornKey) {
	s.open("key")
	k.Key = s.id()
	s.next("messages")
	k.Messages = s.uint(0, MaxWear)
	s.next("bytes")
	k.Bytes = s.uint(0, MaxWear)
	s.next("since")
	k.Since = s.optionalTime()
	s.lit("}")
	s.endLine()
	return k
}

func (s *scanner) wearLease() (l WearLease) {
	s.open("lease")
	l.Holder = s.idV7()
	s.next("key")
	l.Key = s.id()
	s.next("messages")
	l.Messages = s.uint(0, MaxWear)
	s.next("bytes")
	l.Bytes = s.uint(0, MaxWear)
	s.next("until")
	l.Until = s.time()
	s.lit("}")
	s.endLine()
	return l
}

// AppendWear appends the wear file that says w to dst and returns the longer slice. Keys and leases may be in any order.
// What ParseWear would not take is an error. AppendWear does not change or keep w.
func AppendWear(dst []byte, w *Wear) ([]byte, error) {
	sorted := *w
	sorted.Keys = slices.SortedFunc(slices.Values(w.Keys), func(a, b WornKey) int { return a.Key.Compare(b.Key) })
	sorted.Leases = slices.SortedFunc(slices.Values(w.Leases), func(a, b WearLease) int { return a.compare(&b) })
	a := &appender{b: dst}
	a.wear(&sorted)
	if a.err != nil {
		return nil, fmt.Errorf("keystore: cannot write a wear file: %w", a.err)
	}
	if wrong := sorted.rule(); wrong != "" {
		return nil, fmt.Errorf("keystore: cannot write a wear file: %s", wrong)
	}
	if size := len(a.b) - len(dst); size > MaxSize {
		return nil, fmt.Errorf("keystore: cannot write a wear file: its %d bytes are more than %d", size, MaxSize)
	}
	return a.b, nil
}

func (a *appender) wear(w *Wear) {
	a.lit(wearMagic + wearVersion1 + `"`)
	a.next("id")
	a.idV7(w.ID)
	a.next("keystore")
	a.idV7(w.Keystore)
	a.next("begun")
	a.time(w.Begun)
	a.lit("}\n")
	for i := range w.Keys {
		a.wornKey(&w.Keys[i])
	}
	if n := len(w.Leases); n > MaxWearLeases {
		a.field = "lease"
		a.fail("%d are more than %d", n, MaxWearLeases)
	}
	for i := range w.Leases {
		a.wearLease(&w.Leases[i])
	}
}

func (a *appender) wornKey(k *WornKey) {
	a.open("key")
	a.id(k.Key)
	a.next("messages")
	a.uint(k.Messages, 0, MaxWear)
	a.next("bytes")
	a.uint(k.Bytes, 0, MaxWear)
	a.next("since")
	a.optionalTime(k.Since)
	a.lit("}\n")
}

func (a *appender) wearLease(l *WearLease) {
	a.open("lease")
	a.idV7(l.Holder)
	a.next("key")
	a.id(l.Key)
	a.next("messages")
	a.uint(l.Messages, 0, MaxWear)
	a.next("bytes")
	a.uint(l.Bytes, 0, MaxWear)
	a.next("until")
	a.time(l.Until)
	a.lit("}\n")
}

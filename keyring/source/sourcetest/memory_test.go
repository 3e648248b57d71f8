package sourcetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/sealwax/sealwax/keyring/source"
)

func TestMemory(t *testing.T) {
	memory := func(s source.Source) *Memory { return s.(*Memory) }
	Run(t, Harness{
		New:    func(_ *testing.T, ms []Message) source.Source { return NewMemory(slices.Clone(ms)) },
		Again:  func(_ *testing.T, s source.Source) source.Source { return s },
		Put:    func(_ *testing.T, s source.Source, m Message) { memory(s).Put(m, nil) },
		Remove: func(_ *testing.T, s source.Source, m Message) { m.Sealed = nil; memory(s).Put(m, nil) },
		Spoil:  func(_ *testing.T, s source.Source, m Message) { memory(s).Put(m, errors.New("spoiled")) },
	})
}

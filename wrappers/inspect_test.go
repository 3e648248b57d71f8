package wrappers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// inspected is a wrapper that says what it was told to say.
type inspected struct {
	*fake
	say func(ctx context.Context) (*Inspection, error)
}

func (i inspected) Inspect(ctx context.Context) (*Inspection, error) { return i.say(ctx) }

func TestInspect(t *testing.T) {
	refused := errors.New("refused\nin two lines")
	for _, c := range []struct {
		name string
		say  func(context.Context) (*Inspection, error)
		err  string // "" for none
		nil  bool
	}{
		{"all well", func(context.Context) (*Inspection, error) {
			return &Inspection{Endpoint: "https://kms\x1b[2J", State: KeyEnabled, Rights: []Right{{"describe", nil}, {"rotate", refused}}}, nil
		}, "", false},
		{"nothing learned", func(context.Context) (*Inspection, error) { return nil, refused }, "wrappers: inspect with fake.eu: refused in two lines", true},
		{"nothing at all", func(context.Context) (*Inspection, error) { return nil, nil }, "", true},
		{"an endpoint", func(context.Context) (*Inspection, error) {
			return &Inspection{Endpoint: "https://kms\x1b[2J", State: KeyEnabled}, refused
		}, "wrappers: inspect with fake.eu: refused in two lines", false},
		{"panic", func(context.Context) (*Inspection, error) { panic("at the disco") }, "wrappers: inspect with fake.eu: the driver panicked with a value of type string", true},
		{"hangs", func(ctx context.Context) (*Inspection, error) { <-ctx.Done(); return nil, ctx.Err() }, "wrappers: inspect with fake.eu: no answer within 10s: context deadline exceeded", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := newKEK(t, inspected{newFake(), c.say}, nil).Inspect(t.Context())
				if c.err == "" && err != nil || c.err != "" && (err == nil || err.Error() != c.err) {
					t.Fatalf("got error %v, want %q", err, c.err)
				}
				if (got == nil) != c.nil {
					t.Fatalf("got %v", got)
				}
				if got == nil {
					return
				}
				if got.Endpoint != "https://kms?[2J" {
					t.Errorf("endpoint: got %q, want it printable", got.Endpoint)
				}
				if c.err != "" {
					if got.State != "" {
						t.Errorf("state beside an error: got %q", got.State)
					}
					return
				}
				if got.Rights[0].Err != nil || got.Rights[1].Err == nil || strings.Contains(got.Rights[1].Err.Error(), "\n") {
					t.Errorf("rights: got %v", got.Rights)
				}
			})
		})
	}
}

func TestInspectNoInspector(t *testing.T) {
	if got, err := newKEK(t, newFake(), nil).Inspect(t.Context()); got != nil || err != nil {
		t.Errorf("got %v, %v; want nothing", got, err)
	}
}

// Package settingstest is for the tests of what providers make of a config's block.
package settingstest

import (
	"context"
	"strings"
	"testing"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"

	"github.com/sealwax/sealwax/wrappers"
)

// Of returns the settings of a block, "transit.eu", that begins in line 2 of /etc/app/k.hcl: names and values in turn, each
// pair in a line of its own.
func Of(block string, pairs ...any) *wrappers.Settings {
	const file = "/etc/app/k.hcl"
	var items []wrappers.Setting
	for i := 0; i < len(pairs); i += 2 {
		items = append(items, wrappers.Setting{Name: pairs[i].(string), Value: pairs[i+1], File: file, Line: 3 + i/2})
	}
	return wrappers.NewSettings(block, items).At(file, 2)
}

// Refusals are blocks with a mistake each.
type Refusals = []struct {
	Name  string
	Pairs []any
	Want  string // in the error
}

// Refused wants configure to refuse each block, with one error for one mistake; a block without any setting may lack several.
// Secrets among the settings are called "hush", and no error says it.
func Refused(t *testing.T, configure func(context.Context, *wrappers.Settings) (wrapping.Wrapper, error), block string, cases Refusals) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			_, err := configure(t.Context(), Of(block, c.Pairs...))
			switch {
			case err == nil || !strings.Contains(err.Error(), c.Want):
				t.Errorf("got  %v\nwant %s", err, c.Want)
			case strings.Contains(err.Error(), "hush"):
				t.Errorf("the error shows a secret: %v", err)
			case strings.Contains(err.Error(), "\n") && c.Pairs != nil:
				t.Errorf("one mistake gave several errors: %v", err)
			}
		})
	}
}

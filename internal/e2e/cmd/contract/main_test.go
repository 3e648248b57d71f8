package main

import (
	"strings"
	"testing"
)

const passed = `{"Action":"pass","Package":"m/e2e/aws","Test":"TestConformance/local-kms/round_trip"}
{"Action":"output","Package":"m/e2e/aws","Test":"TestConformance/local-kms/wrap_only","Output":"    cases_blob.go:124: the provider has no WrapOnly\n"}
{"Action":"skip","Package":"m/e2e/aws","Test":"TestConformance/local-kms/wrap_only"}
{"Action":"pass","Package":"m/e2e/aws","Test":"TestConformance/local-kms"}
{"Action":"pass","Package":"m/e2e/vault","Test":"TestConformance/round_trip"}
{"Action":"pass","Package":"m/e2e/vault","Test":"TestConformance/nothing_left_running/use"}
{"Action":"pass","Package":"m/e2e/vault","Test":"TestSomethingElse/round_trip"}
`

func TestTable(t *testing.T) {
	var out strings.Builder
	if err := run(strings.NewReader(passed), &out); err != nil {
		t.Fatal(err)
	}
	want := `| case | aws local-kms | vault |
|---|---|---|
| round trip | ok | ok |
| wrap only | (1) | not run |
| passed | 1 of 2 | 1 of 2 |

(1) skipped: the provider has no WrapOnly
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "no conformance test in the input"},
		{"FAIL\n", "not a line of go test -json: invalid character 'F' looking for beginning of value"},
		{passed + `{"Action":"fail","Package":"m/e2e/vault","Test":"TestConformance/denied"}` + "\n", "1 cases failed"},
	} {
		if err := run(strings.NewReader(c.in), &strings.Builder{}); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

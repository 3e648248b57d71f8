package doctor

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

var update = flag.Bool("update", false, "write testdata/report.json anew")

// TestReport compares the document, which is API, with testdata/report.json, a field and a finding a line.
func TestReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		well, ill := newFake(), newFake()
		well.inspect = says(wrappers.Inspection{
			Endpoint: "https://kms.example.com", Identity: "app", Credentials: "token file", Expires: now.Add(3 * day),
			State: wrappers.KeyEnabled, Rotation: "off", Version: "1", Certificate: certificateFor(20 * day),
			ServerTime: now, LocalTime: now.Add(2 * time.Second), Rights: []wrappers.Right{{Name: "read keys/app"}},
		})
		ill.encrypt, ill.decrypt = always(errSealed), always(errSealed)
		c := newCase(patient(t, "eu", well), patient(t, "us", ill))
		c.Resolver = hosts{"kms.example.com": {"10.0.0.1"}}
		wantGolden(t, "testdata/report.json", Examine(t.Context(), c))
	})
}

func TestReportOfABadConfig(t *testing.T) {
	wantGolden(t, "testdata/badconfig.json", NewReport("keyring.hcl", "", errors.New("keyring.hcl:3: unknown block")))
}

func wantGolden(t *testing.T, file string, r *Report) {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.NewReplacer(`,{"severity"`, ",\n"+`{"severity"`, `,"keks":`, ",\n"+`"keks":`, `,"findings":`, ",\n"+`"findings":`).Replace(string(b)) + "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("got\n%s\nwant\n%s\n%v", got, want, err)
	}
}

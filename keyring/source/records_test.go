package source

import "testing"

const message = "\x01 message"

func records(t *testing.T, s Source, after string) (all []Record, err error) {
	t.Helper()
	for r, end := range s.Records(t.Context(), after) {
		if end != nil {
			return all, end
		}
		all = append(all, r)
	}
	return all, nil
}

func mustRecords(t *testing.T, s Source) []Record {
	t.Helper()
	all, err := records(t, s, "")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

package plural

import "testing"

func TestOf(t *testing.T) {
	for n, want := range map[int]string{0: "0 keys", 1: "1 key", 2: "2 keys"} {
		if got := Of(n, "key"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

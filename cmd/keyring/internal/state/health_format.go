package state

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sealwax/sealwax/wrappers"
)

const (
	healthName    = "sealwax-health/1"
	maxHealthSize = 32 << 10 // more than 100 KEKs with the longest IDs

	// keepsFor is how old the time of the last answer may get in the file: half of how long a latency counts. So a command
	// a second makes two writes an hour.
	keepsFor = 30 * time.Minute
)

// formatHealths returns the one spelling of all, in whole microseconds and whole seconds.
func formatHealths(all Healths) []byte {
	text := []byte(healthName + "\n")
	for _, id := range slices.Sorted(maps.Keys(all)) {
		h := all[id]
		text = append(text, id...)
		if h.Latency > 0 {
			text = fmt.Appendf(text, " latency %v answered %s", max(h.Latency.Round(time.Microsecond), time.Microsecond), rounded(h.Answered))
		}
		if h.Failures > 0 {
			text = fmt.Appendf(text, " failures %d since %s rests %s", h.Failures, rounded(h.Since), rounded(h.Rests))
		}
		text = append(text, '\n')
	}
	return text
}

// rounded returns a time as the file has it.
func rounded(t time.Time) string { return t.UTC().Format(time.RFC3339) }

var errHealths = errors.New("damaged, or of another version")

// parseHealths takes only what formatHealths returns.
func parseHealths(data []byte) (Healths, error) {
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	all := make(Healths)
	for _, line := range lines[1:] {
		words := strings.Split(line, " ")
		var h wrappers.Health
		for i := 1; i+1 < len(words); i += 2 {
			setHealth(&h, words[i], words[i+1])
		}
		all[words[0]] = h
	}
	// What did not parse above is zero now, and is not written like this.
	_, nameless := all[""]
	if lines[0] != healthName || nameless || !bytes.Equal(formatHealths(all), data) {
		return nil, errHealths
	}
	return all, nil
}

func setHealth(h *wrappers.Health, name, value string) {
	switch name {
	case "latency":
		h.Latency, _ = time.ParseDuration(value)
	case "answered":
		h.Answered, _ = time.Parse(time.RFC3339, value)
	case "failures":
		h.Failures, _ = strconv.Atoi(value)
	case "since":
		h.Since, _ = time.Parse(time.RFC3339, value)
	case "rests":
		h.Rests, _ = time.Parse(time.RFC3339, value)
	}
}

package doctor

import "strings"

// withFlags puts flags into the commands of this program that a next step names: at its beginning, or in quotes. Without them they
// would look at another config.
func withFlags(next, flags string) string {
	if flags == "" {
		return next
	}
	const name = "keyring "
	if command, found := strings.CutPrefix(next, name); found {
		next = name + flags + " " + command
	}
	return strings.ReplaceAll(next, "'"+name, "'"+name+flags+" ")
}

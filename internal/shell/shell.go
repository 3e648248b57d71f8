// Package shell spells paths for the commands that error messages tell an operator to run.
package shell

import "strings"

// plain are the characters that mean nothing but themselves to every POSIX shell, wherever they stand.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

// Path returns path as one word of a shell command that no program takes for an option. A path of letters, digits and
// _@%+=:,./- stays as it is, so that most messages read well; any other one is put into single quotes.
func Path(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	if path != "" && strings.Trim(path, plain) == "" {
		return path
	}
	// Nothing is special between single quotes but the quote itself, which ends them, stands escaped, and begins them anew.
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

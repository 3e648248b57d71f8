package doctor

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sealwax/sealwax/internal/durable"
	"github.com/sealwax/sealwax/internal/shell"
)

// fileModes looks at the files with something secret that the config names. What a provider refuses, settings has found
// already: these are about what is allowed and unwise.
func (f *facts) fileModes(ch *chart, keystorePath string) {
	if f.check != nil {
		return // one of them is the reason, and the error says which
	}
	var fine []string
	for _, file := range f.Files {
		info, err := durable.OS{}.Stat(file)
		if err != nil {
			continue // one that is not needed yet, as settings found
		}
		found, wrong := modeOf(file, info)
		if !wrong {
			found, wrong = modeOfFolder(file)
		}
		if !wrong && sameFolder(file, keystorePath) {
			found, wrong = beside(file), true
		}
		if wrong {
			found.Check = "files"
			ch.add(found)
			continue
		}
		fine = append(fine, fmt.Sprintf("%s %04o", file, info.Mode.Perm()))
	}
	if len(fine) > 0 {
		ch.ok("files", "%s", strings.Join(fine, ", "))
	}
}

// modeOf judges the mode of a secret file. The group may read it: agents grant rights like that.
func modeOf(file string, info durable.Info) (f Finding, wrong bool) {
	if info.Owner == durable.Unowned {
		return f, false
	}
	mode := info.Mode.Perm()
	switch {
	case mode&0o022 != 0:
		f.Effect = "others can replace the secret in it"
	case mode&0o004 != 0:
		f.Effect = "everybody on this machine can read the secret in it"
	default:
		return f, false
	}
	f.Severity, f.Found, f.Cause = Warning, "others have access to "+file, fmt.Sprintf("its mode is %04o", mode)
	f.Next = "chmod go-w,o-rwx " + shell.Path(file)
	return f, true
}

// modeOfFolder judges who can put another file in the place of one.
func modeOfFolder(file string) (f Finding, wrong bool) {
	dir := filepath.Dir(file)
	info, err := durable.OS{}.Stat(dir)
	if err != nil || info.Owner == durable.Unowned || info.Mode.Perm()&0o022 == 0 || info.Mode&fs.ModeSticky != 0 {
		return f, false
	}
	return Finding{Severity: Warning, Found: "others can put another file in the place of " + file,
		Cause:  fmt.Sprintf("the mode of %s is %04o", dir, info.Mode.Perm()),
		Effect: "a KEK that they know may be wrapped under", Next: "chmod go-w " + shell.Path(dir)}, true
}

func beside(file string) Finding {
	return Finding{Severity: Warning, Found: file + " lies beside the keystore", Cause: "both are in " + filepath.Dir(file),
		Effect: "who gets a copy of the folder, such as a backup, has the keystore and what opens it", Next: "move it to another folder, and name it there in the config"}
}

func sameFolder(a, b string) bool {
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return errA == nil && errB == nil && filepath.Dir(a) == filepath.Dir(b)
}

// mode is how findings show who owns a file and may use it.
func mode(name string) string {
	info, err := durable.OS{}.Stat(name)
	switch {
	case err != nil:
		return "not there"
	case runtime.GOOS == "windows":
		return "there"
	}
	return fmt.Sprintf("mode %04o of user %d", info.Mode.Perm(), info.Owner.User)
}

package doctor

import (
	"fmt"
	"os"
)

// sourceFindings are about the places where the config says that sealed messages lie. They are not read: that takes a
// census.
func (c *Case) sourceFindings() []Finding {
	ch := &chart{subject: "sources"}
	for _, s := range c.Sources {
		const uncounted = "what lies there is not counted, so no key can be destroyed"
		info, err := os.Stat(s.Path)
		if err == nil && info.IsDir() != (s.Type == "dir") {
			err = fmt.Errorf("its type is %q, and %s", s.Type, kindOf(info))
		}
		if err != nil {
			ch.fail("path", s.Name+" cannot be read: "+s.Path, uncounted, err)
			continue
		}
		ch.ok("path", "%s is %s:%s", s.Name, s.Type, s.Path)
	}
	return ch.findings
}

func kindOf(info os.FileInfo) string {
	if info.IsDir() {
		return "that is a folder"
	}
	return "that is a file"
}

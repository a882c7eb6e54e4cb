package helpdesk

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestName is how many bytes a file's name may have: what every file system and door takes.
const longestName = 150

// reserved are the names that Windows opens as a device, whatever extension follows.
var reserved = map[string]bool{
	"con": true, "prn": true, "aux": true, "nul": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true,
}

// SafeName is a file's name as it may be shown, stored and handed on: it leads to no other folder,
// hides nothing, and ends in the extension that it seems to end in.
func SafeName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return '_'
		case strings.ContainsRune(`/\:*?"<>|`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200d': // the joiner holds emoji together
			return -1 // overrides of direction among them: they make exe.png of gnp.exe
		}
		return r
	}, name)
	// Windows drops dots and spaces at the end: "a.exe." would become a program again.
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
	name = cutName(name)
	device, _, _ := strings.Cut(name, ".")
	if reserved[strings.ToLower(strings.TrimSpace(device))] {
		name = cutName("_" + name)
	}
	if name == "" {
		return "file"
	}
	return name
}

// cutName makes a name short enough, never within a character, and keeps its extension.
func cutName(name string) string {
	if len(name) <= longestName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 { // a sentence with a dot in it, and no extension
		ext = ""
	}
	stem := name[:longestName-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(strings.TrimRight(stem, ". ")+ext, ". ")
}

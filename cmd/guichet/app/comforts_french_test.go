package app_test

import "testing"

// Emoji, edits and deletions, in the French of the queue and of the requester.
func TestEmojiAndEditsInFrench(t *testing.T) {
	once(t, func(t *testing.T, d *desk) {
		d.strict.SetLocale(alice, "fr-FR")
		p := d.slack.OpenTest(t, alice)
		d.command(alice, "emm")
		d.form(p, map[string]string{"kind": "information", "subject": "Tablette", "description": "Comment l’inscrire ?"})
		if errs := d.form(p, map[string]string{"platform": "ios", "device": "iPad", "instance": "mdm"}); len(errs) > 0 {
			t.Fatal(errs)
		}
		p.Close()
		card := d.find(emm, "#1001 Tablette", "Demande faite par")
		mine := d.find(alice, "#1001 Tablette")
		d.settle()
		d.emoji(nadia, card, "eyes", true)
		d.find(emm, "Nadia Benali a pris ce ticket.")
		d.find(alice, "Nadia Benali s’occupe de votre ticket.")
		d.emoji(nadia, card, "rotating_light", true)
		d.find(alice, "Nadia Benali a changé la priorité\u00a0: urgente.")
		d.emoji(alice, mine, "eyes", true)
		d.find(alice, "Ces émojis sont réservés à l’équipe d’assistance.")

		said := d.write(nadia, emm, "réponse : Ouvrez Réglages", card.TS)
		d.find(alice, "Nadia Benali a écrit", "Ouvrez Réglages")
		d.edit(nadia, emm, said, "réponse : Ouvrez les réglages")
		d.find(alice, "Nadia Benali a écrit (modifié)", "Ouvrez les réglages")
		asked := d.write(alice, mine.Channel, "C’est fait", mine.TS)
		d.find(emm, "Alice Martin a écrit", "C’est fait")
		d.edit(alice, mine.Channel, asked, "")
		d.find(emm, "Alice Martin a supprimé ce message.")
	})
}

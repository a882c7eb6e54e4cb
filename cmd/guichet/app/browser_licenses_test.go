package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guichet/internal/browser"
)

// What managers do with licenses and invoices, with a mouse and a keyboard on the page of the local Slack: Martin Dupont in English,
// Bruno Petit in French. GUICHET_SHOTS names a folder that gets a picture of each step, for whoever wants to look at them.
func TestLicensesInTheBrowser(t *testing.T) {
	d := newDesk(t, filepath.Join(t.TempDir(), "guichet.db"), "socket")
	d.stop()
	d.post = d.takeMail(false)
	d.priced(`["acme:U02MARTIN"]`, `["acme:U02MARTIN", "acme:`+bruno+`"]`+"\n    approval: {amount: 300, approvers: [\"acme:"+bruno+"\"]}",
		"name: EMM, queue", "name: EMM, gate: unenrolled, licenses: [{key: emm, name: {en: Device, fr: Terminal}, price: 3.00}], queue")
	d.strict.SetLocale(bruno, "fr-FR")
	d.start()
	if _, err := d.app.Licenses().Import(t.Context(), strings.NewReader("organization,license,ordered,activated,assigned\nacme,office-basic,12,10,7\nacme,emm,4,4,0\n"), false); err != nil {
		t.Fatal(err)
	}
	d.licenses(martin, "help") // who was met is told of requests and of invoices in their language
	d.licenses(bruno, "help")
	w := &walk{d: d, Page: browser.Open(t, d.slack.URL)}
	w.order()
	w.activate()
	w.request()
	w.quote()
	w.seats()
	w.administrators()
	w.change()
	w.terminate()
	w.invoices()
}

// walk is a manager's way through the page.
type walk struct {
	*browser.Page
	d     *desk
	shots int
}

// shot takes a picture, if anybody wants some.
func (w *walk) shot(name string) {
	if dir := os.Getenv("GUICHET_SHOTS"); dir != "" {
		w.shots++
		w.d.settle()
		w.Picture(filepath.Join(dir, fmt.Sprintf("%02d-%s.png", w.shots, name)))
	}
}

// at has somebody open a channel: their own direct messages with guichet, if it has their name.
func (w *walk) at(who, channel string) {
	w.ActAs(who)
	w.Enter(channel)
}

const (
	employee = "Alice Martin"
	english  = "Martin Dupont"
	french   = "Bruno Petit"
	agent    = "Nadia Benali"
)

// accept ticks the boxes of terms and sends the last step of an order.
func (w *walk) accept(kinds, box, submit string) {
	for _, kind := range strings.Split(kinds, ", ") {
		w.Choose(kind, box)
	}
	w.Submit(submit)
	w.NoForm()
}

func (w *walk) acceptInEnglish() {
	w.accept("General terms, Particular terms", "I have read them, and accept them", "Place order")
}

func (w *walk) acceptInFrench() {
	w.accept("Conditions générales, Conditions particulières", "Je les ai lues et je les accepte", "Commander")
}

// A basket of two lines, beyond the threshold: it is changed, approved, and placed.
func (w *walk) order() {
	w.at(english, "general")
	w.Say("/license")
	w.See("Licenses of Acme Industries", "Office, Basic: 12 ordered, 10 activated, 7 assigned, 3 free")
	w.shot("licenses")
	w.Press("Order", "Licenses of Acme Industries")
	w.Submit("Continue")
	w.SeeForm("license: Please choose one.")
	w.SeeForm("quantity: Please fill this in.")
	w.Select("License", "Office, Basic (€5.10 a month, 12 now)")
	w.Type("How many", "1 000 000")
	w.Submit("Continue")
	w.SeeForm("quantity: Write a whole number from 1 to 100,000")
	w.Type("How many", "60")
	w.shot("order")
	w.Submit("Continue")
	w.SeeForm("Office, Basic: 12 now, 72 then. 60 × €4.60 = €276.00 a month, plus VAT (20%)")
	w.Select("What next", "Add another license")
	w.Submit("Continue")
	w.Select("License", "Office, Standard (€11.33 a month, 0 now)")
	w.Type("How many", "3")
	w.Submit("Continue")
	w.SeeForm("In all, each month: €309.99 net, €62.00 VAT, €371.99 gross.")
	w.Select("What next", "Go on to the terms")
	w.shot("basket")
	w.Submit("Continue")
	w.SeeForm("It has to be approved before it counts.")
	w.Submit("Place order")
	w.SeeForm("general: Tick this box once you have read them")
	w.shot("terms")
	w.acceptInEnglish()
	w.Enter(english)
	w.See("Order 1: waits for approval", "If you change it, it is asked for anew.")
	w.Press("Change", "Order 1: waits for approval")
	w.SeeForm("Office, Standard: 0 now, 3 then")
	w.Cancel("Cancel")

	w.at(french, french)
	w.See("La commande 1 de Martin Dupont attend votre approbation", "309,99 € HT")
	w.shot("approval")
	w.Press("Refuser", "La commande 1 de Martin Dupont")
	w.Submit("Refuser")
	w.SeeForm("reason: Veuillez remplir ce champ")
	w.Cancel("Annuler")
	w.Press("Approuver", "La commande 1 de Martin Dupont")
	w.See("Commande 1 : effectuée.")
	w.at(english, english)
	w.See("Order 1: placed", "Office, Basic: 60 more, 72 in all.", "Accepted: Particular terms of Office, version 2026-02")
	w.shot("placed")
}

// Licenses are activated by agents, who fail once.
func (w *walk) activate() {
	w.at(french, "general")
	w.Say("/licence activer")
	w.Select("Licence", "Office, Essentiel (62 à activer)")
	w.Type("Combien", "63")
	w.Submit("Mettre en service")
	w.SeeForm("quantity: 62 peuvent être activées : 72 commandées, 10 activées.")
	w.shot("activate")
	w.Type("Combien", "2")
	w.Submit("Mettre en service")
	w.NoForm()
	w.at(agent, "support")
	w.Press("Failed", "#1001 Activer 2 licences Office, Essentiel")
	w.Type("Reason", "The vendor is closed.")
	w.shot("failed")
	w.Submit("Failed")
	w.NoForm()
	w.at(french, french)
	w.Press("Réessayer", "Activation 1 : en échec", "Motif : The vendor is closed.")
	w.SeeForm("Activer des licences")
	w.Type("Combien", "2")
	w.Submit("Mettre en service")
	w.NoForm()
	w.at(agent, "support")
	w.Press("Provisioned", "#1002 Activer 2 licences Office, Essentiel")
	w.See("Activation 2: active.")
	w.at(french, french)
	w.See("Activation 2 : active", "2 licences Office, Essentiel sont en service et peuvent être affectées.")
	w.shot("active")
}

// An employee asks for licenses: the manager asks back, approves, and assigns one that is free; then refuses.
func (w *walk) request() {
	w.at(employee, "general")
	w.Say("/license request")
	w.SeeForm("Ask for a license")
	w.Submit("Send")
	w.SeeForm("reason: Please fill this in.")
	w.Select("License", "Office, Basic")
	w.Type("What do you need it for?", "For my new laptop.")
	w.Submit("Send")
	w.NoForm()
	w.Enter(employee)
	w.See("Your managers are asked for a license of Office, Basic: Bruno Petit, Martin Dupont.")
	w.at(french, french)
	w.See("Alice Martin demande une licence Office, Essentiel", "Motif : For my new laptop.", "Libres aujourd’hui : 5")
	w.Press("Poser une question", "For my new laptop.")
	w.Type("Que voulez-vous savoir ?", "Depuis quand ?")
	w.Submit("Envoyer")
	w.NoForm()
	w.at(employee, employee)
	w.Press("Answer", "Bruno Petit asks, about your request for Office, Basic", "Depuis quand ?")
	w.Type("Your answer", "Since Monday.")
	w.Submit("Send")
	w.NoForm()
	w.at(french, french)
	w.See("Question : Depuis quand ?", "Réponse : Since Monday.")
	w.shot("request")
	w.Press("Approuver", "Réponse : Since Monday.")
	w.Press("Affecter une licence", "Bruno Petit a approuvé la demande faite par Alice Martin")
	w.See("Alice Martin a maintenant Office, Essentiel.")
	w.shot("approved")
	w.at(employee, employee)
	w.See("Bruno Petit has approved your request for Office, Basic.")
	w.See("Bruno Petit has assigned you a license: Office, Basic.")
	w.Say("/license request")
	w.Select("License", "Office, Standard")
	w.Type("What do you need it for?", "For macros.")
	w.Submit("Send")
	w.NoForm()
	w.at(english, english)
	w.Press("Refuse", "Alice Martin asks for a license of Office, Standard", "For macros.")
	w.Type("Reason", "Not this year.")
	w.shot("refuse")
	w.Submit("Send")
	w.NoForm()
	w.at(employee, employee)
	w.See("Martin Dupont has refused your request for Office, Standard. The reason: Not this year.")
}

// A first subscription: a quote, an offer, and its order.
func (w *walk) quote() {
	w.at(french, "general")
	w.Say("/licence devis")
	w.Select("Licence", "Office, Standard")
	w.Type("Combien", "dix")
	w.Submit("Envoyer")
	w.SeeForm("quantity: Écrivez un nombre entier")
	w.Type("Combien", "10")
	w.shot("quote")
	w.Submit("Envoyer")
	w.NoForm()
	w.at(agent, "support")
	w.Press("Make an offer", "#1003 Devis : 10 licences Office, Standard")
	w.SeeForm("What is asked for: Office, Standard")
	w.Type("Price of one", "cheap")
	w.Type("Valid for (days)", "500")
	w.Submit("Send the offer")
	w.SeeForm("price: Write an amount, such as 4.80.")
	w.SeeForm("days: Write a whole number of days from 1 to 365.")
	w.Type("Price of one", "9.50")
	w.Type("Valid for (days)", "30")
	w.shot("offer")
	w.Submit("Send the offer")
	w.NoForm()
	w.at(french, french)
	w.Press("Accepter", "Une offre pour vous", "Office, Standard : 10 × 9,50 € = 95,00 € par mois, hors taxes")
	w.SeeForm("Office, Standard : 3 aujourd’hui, 13 ensuite.")
	w.shot("accept")
	w.acceptInFrench()
	w.See("Commande 2 : effectuée", "En tout, par mois : 95,00 € HT, 19,00 € de TVA, 114,00 € TTC.")
	w.at(agent, "support")
	w.OpenThread("#1003 Devis : 10 licences Office, Standard")
	w.SeeInThread("The offer is accepted: order 2.")
	w.CloseThread()
}

// Who has what: by name, by mail address, and what is known by number alone.
func (w *walk) seats() {
	w.at(english, "general")
	w.Say("/license assign @bruno basic")
	w.See("Bruno Petit has Office, Basic now. In all: 72 ordered, 12 activated, 9 assigned, 3 free.")
	w.Say("/license assign anna@acme.example gold")
	w.See("I don't know which license you mean by “gold”.")
	w.Say("/license seats")
	w.See("Who has what", "Alice Martin: Office, Basic, since", "from Bruno Petit", "Office, Basic: 7 are assigned to people whom guichet does not know")
	w.shot("seats")
	w.Press("Unassign by number", "Who has what")
	w.Select("License", "Office, Basic (7)")
	w.Type("How many", "8")
	w.Submit("Unassign")
	w.SeeForm("quantity: Only 7 are assigned to people whom guichet does not know.")
	w.shot("by-number")
	w.Type("How many", "1")
	w.Submit("Unassign")
	w.NoForm()
	w.Press("Unassign Bruno Petit", "Who has what")
	w.See("Bruno Petit doesn't have Office, Basic any more.")
	w.Say("/license assign")
	w.SeeForm("Assign a license")
	w.Submit("Assign a license")
	w.SeeForm("license: Please choose one.")
	w.shot("assign")
	w.Cancel("Cancel")
}

// An administrator who has to confirm their address: named, updated, removed, and all of it in the history.
func (w *walk) administrators() {
	const list = "Administrateurs techniques de l’entreprise Acme Industries"
	w.at(french, "general")
	w.Say("/licence administrateur")
	w.Press("Ajouter", list, "Office : aucun")
	w.Submit("Continuer")
	w.SeeForm("picked: Choisissez quelqu’un ici, ou dans la liste ci-dessous.")
	w.Select("Ou une autre personne", "Une nouvelle personne (par e-mail)")
	w.Select("Services", "Office")
	w.shot("administrator")
	w.Submit("Continuer")
	w.SeeForm("Cette personne reçoit un lien par e-mail")
	w.Type("Nom", "Lou Blanc")
	w.Type("E-mail de contact", "lou")
	w.Submit("Envoyer")
	w.SeeForm("mail: ")
	w.shot("administrator-new")
	w.Type("E-mail de contact", "lou@home.example")
	w.Submit("Envoyer")
	w.NoForm()
	w.Enter(french)
	w.See("Lou Blanc administrera Office dès que son adresse sera confirmée.")
	w.d.visit("POST", w.d.link(w.d.post, "lou@home.example", 1))
	w.See("Lou Blanc a confirmé son adresse et administre maintenant Office.")
	w.Say("/licence admin")
	w.Press("Mettre à jour Lou Blanc", list, "Office : Lou Blanc (confirmé), depuis le")
	w.Select("Services", "EMM en plus")
	w.shot("administrator-update")
	w.Submit("Enregistrer")
	w.NoForm()
	w.Say("/licence administrateur")
	w.Press("Historique", list, "EMM : Lou Blanc")
	w.See("Administrateurs techniques : historique", "Bruno Petit a désigné Lou Blanc pour Office")
	w.shot("history")
	w.Press("Administrateurs", "Administrateurs techniques : historique")
	w.Press("Supprimer Lou Blanc", list, "EMM : Lou Blanc")
	w.See("Lou Blanc n’administre plus Office, EMM. C’est effectif immédiatement.")
}

// Licenses become others, for the difference.
func (w *walk) change() {
	w.at(english, "general")
	w.Say("/license change")
	w.Select("What into what", "Office, Basic → Standard (€6.73 a month each)")
	w.Type("How many", "70")
	w.Submit("Continue")
	w.SeeForm("quantity: 65 can be changed: 72 ordered, 7 assigned. Unassign some first.")
	w.Type("How many", "2")
	w.Submit("Continue")
	w.SeeForm("Office, Standard: 13 now, 15 then.")
	w.shot("change")
	w.acceptInEnglish()
	w.Enter(english)
	w.See("Order 3: placed", "2 fewer, 70 in all", "2 more, 15 in all")
	w.shot("changed")
}

// Licenses end behind a gate: what is assigned closes it, what guichet can't see is attested; until it takes effect it is undone.
func (w *walk) terminate() {
	w.at(french, "general")
	w.Say("/licence résilier")
	w.Select("Licence", "Office, Essentiel (70)")
	w.Type("Combien", "71")
	w.Submit("Continuer")
	w.SeeForm("quantity: 70 commandées : écrivez moins.")
	w.shot("terminate")
	w.Type("Combien", "64")
	w.Submit("Continuer")
	w.SeeForm("À faire : désaffectez-en d’abord. Office, Essentiel : affectées 7, il en resterait 6.")
	w.shot("gate")
	w.Type("Combien", "5")
	w.Submit("Vérifier à nouveau")
	w.SeeForm("Fait. Office, Essentiel : affectées 7, il en resterait 65.")
	w.Submit("Résilier")
	w.NoForm()
	w.Enter(french)
	w.Press("Annuler la résiliation", "Résiliation 1 : prévue", "5 licences Office, Essentiel prennent fin le")
	w.See("Résiliation 1 : annulée", "restent")
	w.at(english, "general")
	w.Say("/license terminate")
	w.Select("License", "EMM: the whole service")
	w.Choose("When", "At once (it can't be undone)")
	w.Submit("Continue")
	w.Submit("Terminate")
	w.SeeForm("attest: Tick this box once the devices are unenrolled.")
	w.shot("attest")
	w.Choose("Devices", "The devices are unenrolled")
	w.Submit("Terminate")
	w.NoForm()
	w.Enter(english)
	w.See("Termination 2: done", "4 licenses of EMM, Device have ended on", "Martin Dupont has said that the devices are unenrolled.")
	w.shot("terminated")
}

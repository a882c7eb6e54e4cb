package slack

import (
	"cmp"
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"guichet/bot"
	"guichet/bot/card"
)

// maxHomeBlocks is how many blocks a view has at most.
const maxHomeBlocks = 100

// ShowHome implements bot.HomeShower.
func (d *Door) ShowHome(ctx context.Context, account string, h card.Home) error {
	_, err := d.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: account, View: homeView(h)})
	if err != nil {
		return fmt.Errorf("slack: views.publish: %w", outcome(err))
	}
	return nil
}

// homeView renders a home view. What people wrote is plain text in it.
func homeView(h card.Home) slack.HomeTabViewRequest {
	bs := []slack.Block{slack.NewHeaderBlock(plain(cut(h.Title, maxHeader)))}
	if len(h.Buttons) > 0 {
		bs = append(bs, slack.NewActionBlock("actions", buttonElements(h.Buttons)...))
	}
	for n, s := range h.Sections {
		bs = append(bs, slack.NewDividerBlock(), slack.NewHeaderBlock(plain(cut(s.Title, maxHeader))))
		for i, item := range s.Items {
			b := slack.NewSectionBlock(plain(cut(item.Text, maxSection)), nil, nil)
			if item.Button.ID != "" {
				b.Accessory = slack.NewAccessory(buttonElements([]card.Button{item.Button})[0])
			}
			b.BlockID = fmt.Sprintf("item.%d.%d", n, i)
			bs = append(bs, b)
		}
		if len(s.Items) == 0 {
			bs = append(bs, slack.NewSectionBlock(plain(cut(cmp.Or(s.Empty, "–"), maxSection)), nil, nil))
		}
		if s.More != nil {
			bs = append(bs, slack.NewActionBlock(fmt.Sprintf("more.%d", n), buttonElements([]card.Button{*s.More})...))
		}
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: bs[:min(len(bs), maxHomeBlocks)]}}
}

// window is a card in a view of its own, for answers to what was pressed where no message is.
func window(c card.Card) slack.ModalViewRequest {
	return slack.ModalViewRequest{Type: slack.VTModal, Title: plain("guichet"), CallbackID: "card", Blocks: slack.Blocks{BlockSet: blocks(c)}}
}

var _ bot.HomeShower = (*Door)(nil)

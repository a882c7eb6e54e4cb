// A Bolt app as its manual begins one, with one insert per form before the acknowledgement.
const { App, HTTPReceiver } = require('@slack/bolt');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE });
const receiver = new HTTPReceiver({
  signingSecret: process.env.SIGNING_SECRET,
  endpoints: '/slack/acme',
  port: Number(process.env.PORT),
  customRoutes: [{ path: '/readyz', method: 'GET', handler: (req, res) => res.end('ready') }],
});
const app = new App({ receiver, authorize: async () => ({ botToken: 'xoxb-bench', botId: 'B0', botUserId: 'U0BOT' }) });

app.view('ticket.new', async ({ ack, body, view }) => {
  const v = view.state.values;
  await pool.query('INSERT INTO bolt (nonce, requester, subject, body) VALUES ($1, $2, $3, $4)',
    [view.private_metadata, body.user.id, v.subject.subject.value, v.description.description.value]);
  await ack();
});

app.start();

import { expect, it } from 'vitest';
import { renderInvitation, renderPasswordReset } from './render-letter';

const brand = { name: 'Outlay', accent: null };
const url = 'https://outlay.example.com/invite?token=abc&x=1';

it('writes an invitation with the link as button and as text, in both forms', async () => {
  const letter = await renderInvitation({ brand, teamName: 'Acme', inviterName: 'Ana', role: 'developer', url });
  expect(letter.subject).toBe('Ana invited you to Acme on Outlay');
  expect(letter.html.match(/href="https:\/\/outlay\.example\.com\/invite\?token=abc&amp;x=1"/g)).toHaveLength(2);
  expect(letter.html).toContain('<strong>Ana</strong> invited you to the team <strong>Acme</strong>');
  expect(letter.text).toContain(url);
  expect(letter.text).toContain('Ana invited you to the team Acme as developer.');
  expect(letter.text).not.toMatch(/<[a-z]/);
});

it('lets no name become markup', async () => {
  const letter = await renderInvitation({ brand, teamName: '<img src=x onerror=alert(1)>', inviterName: '"><script>1</script>', role: 'viewer', url });
  expect(letter.html).not.toMatch(/<script|<img/);
});

it('writes a password letter without a name: it is the same for everybody', async () => {
  const letter = await renderPasswordReset({ brand, url });
  expect(letter.subject).toBe('Choose a new password for Outlay');
  expect(letter.text).toContain(url);
  expect(letter.text).toContain('good for one hour and once');
});

it('loads nothing from anywhere: no image, font or style sheet', async () => {
  const { html } = await renderPasswordReset({ brand, url });
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(addresses)).toEqual(new Set([url.replace('&', '&amp;')]));
});

it('speaks under the brand of the house, and of ours nowhere', async () => {
  const kontor = { name: 'Kontor', accent: '#17683d' };
  for (const letter of [await renderInvitation({ brand: kontor, teamName: 'Acme', inviterName: 'Ana', role: 'viewer', url: 'https://kontor.example' }), await renderPasswordReset({ brand: kontor, url: 'https://kontor.example' })]) {
    expect(JSON.stringify(letter)).not.toContain('Outlay');
    expect(letter.html).toContain('background-color:#17683d');
    expect([letter.subject, letter.text].every((text) => text.includes('Kontor'))).toBe(true);
  }
});

/** @jsxRuntime automatic */
/** @jsxImportSource react */
import { Body, Button, Container, Head, Heading, Hr, Html, Link, Preview, Section, Text } from 'react-email';
import type { CSSProperties, ReactNode } from 'react';

const FONT = '-apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const INK = '#16181d';
const QUIET = '#5b616e';
const LINE = '#e4e6eb';

/** Mail readers that know of a dark theme take these; all others show the light letter. The page's colour stands on the body and on the cell that the body is drawn as. */
const DARK = `@media (prefers-color-scheme: dark) {
  .page, .page > table > tbody > tr > td { background-color: #111318 !important; } .card { background-color: #1a1d24 !important; border-color: #2c313b !important; }
  .ink { color: #eceef2 !important; } .quiet { color: #a2a9b8 !important; } .line { border-color: #2c313b !important; }
  .go { background-color: #eceef2 !important; color: #16181d !important; }
}`;

/** How the product is called here, and the colour of its buttons; null for ink. */
export interface LetterBrand {
  readonly name: string;
  /** `#rrggbb`, dark enough for white text. */
  readonly accent: string | null;
}

export interface LetterProps {
  readonly brand: LetterBrand;
  readonly preview: string;
  readonly heading: string;
  readonly children: ReactNode;
  readonly action: { readonly label: string; readonly url: string };
  /** Why one gets it. */
  readonly small: string;
  readonly unsubscribeUrl?: string | undefined;
}

export function Letter({ brand, preview, heading, children, action, small, unsubscribeUrl }: LetterProps): ReactNode {
  const fine: CSSProperties = { color: QUIET, fontSize: '12px', lineHeight: '18px', margin: '8px 0 0' };
  return (
    <Html lang="en">
      <Head>
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style dangerouslySetInnerHTML={{ __html: DARK }} />
      </Head>
      <Preview>{preview}</Preview>
      <Body className="page" style={{ backgroundColor: '#f4f5f7', margin: 0, padding: '40px 12px', fontFamily: FONT }}>
        <Container style={{ maxWidth: '560px' }}>
          <Text className="ink" style={{ color: INK, fontSize: '15px', fontWeight: 600, letterSpacing: '-0.01em', margin: '0 0 16px 4px' }}>{brand.name}</Text>
          <Section className="card" style={{ backgroundColor: '#ffffff', border: `1px solid ${LINE}`, borderRadius: '12px', padding: '28px' }}>
            <Heading as="h1" className="ink" style={{ color: INK, fontSize: '20px', lineHeight: '28px', fontWeight: 600, margin: '0 0 12px' }}>{heading}</Heading>
            {children}
            <Section style={{ margin: '24px 0' }}>
              <Button className="go" href={action.url} style={{ backgroundColor: brand.accent ?? INK, borderRadius: '8px', color: '#ffffff', fontSize: '14px', fontWeight: 600, padding: '12px 20px' }}>
                {action.label}
              </Button>
            </Section>
            <Hr className="line" style={{ borderColor: LINE, margin: '0 0 12px' }} />
            <Text className="quiet" style={fine}>{small}</Text>
            <Text className="quiet" style={{ ...fine, wordBreak: 'break-all' }}>
              <Link className="quiet" href={action.url} style={{ color: QUIET, textDecoration: 'underline' }}>{action.url}</Link>
            </Text>
            {unsubscribeUrl === undefined ? null : (
              <Text className="quiet" style={fine}>
                <Link className="quiet" href={unsubscribeUrl} style={{ color: QUIET, textDecoration: 'underline' }}>Send me no more of these</Link>
              </Text>
            )}
          </Section>
        </Container>
      </Body>
    </Html>
  );
}

export function Paragraph({ children }: { readonly children: ReactNode }): ReactNode {
  return <Text className="ink" style={{ color: INK, fontSize: '14px', lineHeight: '22px', margin: '0 0 8px' }}>{children}</Text>;
}

export function Title({ children }: { readonly children: ReactNode }): ReactNode {
  return <Heading as="h2" className="ink" style={{ color: INK, fontSize: '14px', lineHeight: '20px', fontWeight: 600, margin: '20px 0 4px' }}>{children}</Heading>;
}

/** Names to the left, amounts to the right. */
export function Figures({ rows }: { readonly rows: readonly { readonly label: string; readonly value: string; readonly note?: string }[] }): ReactNode {
  const cell: CSSProperties = { fontSize: '14px', lineHeight: '20px', padding: '6px 0', borderBottom: `1px solid ${LINE}` };
  return (
    <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} style={{ borderCollapse: 'collapse', margin: '4px 0 8px' }}>
      <tbody>
        {rows.map(({ label, value, note }, i) => (
          <tr key={i}>
            <td className="ink line" width="100%" style={{ ...cell, color: INK }}>{label}</td>
            <td className="quiet line" align="right" style={{ ...cell, color: QUIET, paddingLeft: '12px', whiteSpace: 'nowrap' }}>{note === undefined || note === '' ? '' : ` ${note}`}</td>
            <td className="ink line" align="right" style={{ ...cell, color: INK, fontWeight: 600, paddingLeft: '12px', whiteSpace: 'nowrap' }}>{' '}{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

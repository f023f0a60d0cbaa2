/** @jsxRuntime automatic */
/** @jsxImportSource react */
import { Body, Button, Container, Head, Heading, Hr, Html, Link, Preview, Section, Text } from 'react-email';
import type { ReactNode } from 'react';

const FONT = '-apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const INK = '#16181d';
const QUIET = '#5b616e';
const LINE = '#e4e6eb';

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
  /** How long the link lives, and what to do when it was not asked for. */
  readonly small: string;
}

/** Every letter: one message, one button, the same link as text for readers that show no buttons. */
export function Letter({ brand, preview, heading, children, action, small }: LetterProps): ReactNode {
  return (
    <Html lang="en">
      <Head>
        <meta name="color-scheme" content="light" />
      </Head>
      <Preview>{preview}</Preview>
      <Body style={{ backgroundColor: '#f4f5f7', margin: 0, padding: '40px 12px', fontFamily: FONT }}>
        <Container style={{ maxWidth: '480px' }}>
          <Text style={{ color: INK, fontSize: '15px', fontWeight: 600, letterSpacing: '-0.01em', margin: '0 0 16px 4px' }}>{brand.name}</Text>
          <Section style={{ backgroundColor: '#ffffff', border: `1px solid ${LINE}`, borderRadius: '12px', padding: '32px' }}>
            <Heading as="h1" style={{ color: INK, fontSize: '20px', lineHeight: '28px', fontWeight: 600, margin: '0 0 12px' }}>{heading}</Heading>
            {children}
            <Section style={{ margin: '24px 0' }}>
              <Button href={action.url} style={{ backgroundColor: brand.accent ?? INK, borderRadius: '8px', color: '#ffffff', fontSize: '14px', fontWeight: 600, padding: '12px 20px' }}>
                {action.label}
              </Button>
            </Section>
            <Hr style={{ borderColor: LINE, margin: '0 0 16px' }} />
            <Text style={{ color: QUIET, fontSize: '12px', lineHeight: '18px', margin: 0 }}>{small}</Text>
            <Text style={{ color: QUIET, fontSize: '12px', lineHeight: '18px', margin: '8px 0 0', wordBreak: 'break-all' }}>
              <Link href={action.url} style={{ color: QUIET, textDecoration: 'underline' }}>{action.url}</Link>
            </Text>
          </Section>
        </Container>
      </Body>
    </Html>
  );
}

export function Paragraph({ children }: { readonly children: ReactNode }): ReactNode {
  return <Text style={{ color: INK, fontSize: '14px', lineHeight: '22px', margin: '0 0 8px' }}>{children}</Text>;
}

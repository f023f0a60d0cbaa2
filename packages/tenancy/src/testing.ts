/** People and teams for the tests of this room and of the rooms above it. */
import { randomToken } from '@outlay/kernel/ids';
import type { Database } from '@outlay/platform';
import { acceptInvitation } from './accept-invitation';
import { actingOf, readIdentity, type Identity } from './sessions';
import type { Acting, RequestOrigin } from './acting';
import { inviteMember } from './invite-member';
import type { Role } from './roles';
import { signUpTeam } from './sign-up-team';
import { createTenancy, type Tenancy } from './tenancy';

export const TEST_PASSWORD = 'correct horse battery';

let addresses = 0;

/** Every call comes from an address of its own, so that no test meets another's rate limit. */
export function testOrigin(requestId = 'test-request'): RequestOrigin {
  addresses += 1;
  return { ip: `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`, userAgent: 'test', requestId };
}

export function createTestTenancy(db: Database, options: { now?: () => number; answerFloorMs?: number } = {}): Tenancy {
  return createTenancy({ db, publicUrl: () => 'https://outlay.example.com', answerFloorMs: 0, ...options });
}

export interface TestPerson {
  readonly email: string;
  readonly userId: string;
  readonly tenantId: string;
  /** Of the session cookie. */
  readonly secret: string;
  identity(): Promise<Identity>;
  acting(): Promise<Acting>;
}

/** A new person who owns a new team. */
export async function createOwner(tenancy: Tenancy, options: { teamName?: string; name?: string; email?: string } = {}): Promise<TestPerson> {
  const { teamName = 'Acme', name = 'Olga Owner', email = testEmail() } = options;
  const { tenantId, userId, session } = await signUpTeam(tenancy, { teamName, name, email, password: TEST_PASSWORD, timeZone: 'UTC' }, testOrigin());
  return testPerson(tenancy, { email, userId, tenantId, secret: session.secret });
}

/** A new person who joined the owner's team with this role, through invitation and letter. */
export async function createColleague(tenancy: Tenancy, owner: TestPerson, role: Role, options: { name?: string; email?: string } = {}): Promise<TestPerson> {
  const { name = `${role} person`, email = testEmail() } = options;
  await inviteMember(tenancy, await owner.acting(), { email, role });
  const token = await readLetterToken(tenancy.db, email);
  const { tenantId, session } = await acceptInvitation(tenancy, { token, name, password: TEST_PASSWORD }, null, testOrigin());
  if (!session) throw new Error('A new person gets a session.');
  const identity = await readIdentity(tenancy, session.secret, testOrigin());
  return testPerson(tenancy, { email, userId: identity!.user.id, tenantId, secret: session.secret });
}

export function testEmail(): string {
  return `${randomToken(9).toLowerCase().replace(/[^a-z0-9]/g, 'x')}@example.com`;
}

/** The one-time token of the newest letter to this address. */
export async function readLetterToken(db: Database, email: string): Promise<string> {
  const letter = await db.prisma.letter.findFirst({ where: { recipient: email }, orderBy: { id: 'desc' } });
  const token = /[?&]token=([A-Za-z0-9_-]+)/.exec(letter?.text ?? '')?.[1];
  if (!token) throw new Error(`There is no letter with a link to ${email}.`);
  return token;
}

function testPerson(tenancy: Tenancy, facts: Pick<TestPerson, 'email' | 'userId' | 'tenantId' | 'secret'>): TestPerson {
  const identity = async (): Promise<Identity> => {
    const found = await readIdentity(tenancy, facts.secret, testOrigin());
    if (!found) throw new Error(`The session of ${facts.email} has ended.`);
    return found;
  };
  return {
    ...facts,
    identity,
    acting: async () => {
      const acting = actingOf(await identity(), 'test-request');
      if (!acting) throw new Error(`${facts.email} is in no team.`);
      return acting;
    },
  };
}

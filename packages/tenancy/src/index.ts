export { type Acting, assertCan, type Person, type RequestOrigin } from './acting';
export { acceptInvitation, type Acceptance, peekInvitation } from './accept-invitation';
export { actorLabel, audit, type AuditEntry, type AuditFacts, auditedBy } from './audit';
export { changeRole, leaveTeam, listMembers, removeMember } from './change-members';
export { countMembersWho } from './count-members';
export * as inputs from './input';
export { createDemoTeam, type DemoTeam, findOwnDemo, openDemoTeam } from './create-demo-team';
export { refillDemoTeam, removeDemoTeam } from './remove-demo-team';
export {
  claimDemoFill, type DemoFill, type DemoFillState, type DemoStory, findDemoOwner, findDueDemoFills, findUntoldDemoTeams, findRemovedDemoTeams, readDemoFill, releaseDemoFill, saveDemoProgress,
} from './store-demo-fills';
export { askErasure, DEMO_LEASE_MS, eraseDueTeams, type ErasureRequest, eraseTeam, GRACE_DAYS } from './erase-team';
export { auditCsv } from './export-audit';
export { beginExport, exportTeam } from './export-team';
export { inviteMember, revokeInvitation } from './invite-member';
export { type AuditFilter, type AuditRow, listAudit } from './list-audit';
export { createKey, type ListedKey, listKeys, type NewKeyInput, revokeKey } from './manage-keys';
export { type Membership, switchTenant } from './memberships';
export { requestPasswordReset, resetPassword } from './reset-password';
export { ABILITIES, abilitiesOf, type Ability, KEY_ABILITIES, type KeyAbility, type Role, roleCan, ROLES } from './roles';
export {
  actingOf, endSession, type Identity, type ListedSession, listSessions, type OpenedSession, openSession, readIdentity, revokeOtherSessions, revokeSession,
} from './sessions';
export { signIn } from './sign-in';
export { createTeam, type SignUp, signUpTeam } from './sign-up-team';
export { cancelErasure, type Erasure, findSeededTeams, findErasures } from './store-erasures';
export { eachTeam, type Team } from './store-teams';
export { cancelTeamErasure, readTeamErasure, requestTeamErasure, type TeamErasure } from './team-erasure';
export { sweepExpired, type SweepReport } from './sweep-expired';
export { markNoticesRead, readTeamNews, type TeamNews } from './team-news';
export { createTenancy, type Tenancy, type TenancyOptions } from './tenancy';
export { readTeamSettings, type TeamChange, updateTeam } from './update-team';
export { type KeyVerifier, type VerifiedKey } from './verify-api-key';
export { keyLabel } from './store-keys';
export { readTimeZone } from './store-time-zone';
export { deriveTeamToken, openTeamSecret, readTeamKeyId, rewrapTeamKey, sealTeamSecret } from './team-secrets';
export { readMemberAddresses, readOwnerAddresses, readTeamFacts, type TeamFacts } from './owner-addresses';
export { createTrialTeam, eraseTrialTeam, findTrialTeams, isDemoTeam, TRIAL_TEAM } from './trial-team';

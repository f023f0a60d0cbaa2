export { openDatabase, type Database, type DatabaseOptions, type DatabaseUrls } from './database';
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres';
export { findEmbeddedPostgres, type FoundPostgres } from './find-embedded-postgres';
export { JOBS, type JobCatalogue, type JobKind, type JobName } from './job-catalogue';
export { type ExportFile, type ExportTally, jsonFile } from './export-file';
export { type ExportTable, tableFiles } from './export-table';
export { createJobBoard, type FailedJob, type JobBoard, type QueueState } from './job-board';
export { createJobs, type AddOptions, type JobContext, type JobHandlers, type Jobs, type JobsOptions } from './jobs';
export { createLog, hideInText, type Log, type LogLevel, type LogOptions } from './log';
export { createMailer, type LetterText, type Mailer, type MailerOptions, type SendResult } from './mail';
export { createResendMailer } from './mail-resend';
export { countLetters, deliverLetters, listLetters, sweepLetters, writeLetter, type DeliveryReport, type MailboxLetter } from './mail-outbox';
export { forgetOldMasterKey, loadMasterKey, parseMasterKey, type MasterKey, renewMasterKey } from './master-key';
export { createMetrics, type Metrics } from './metrics';
export { diffSchema, migrate, missingMigrations, type MigrateOptions } from './migrate';
export { readMigrations } from './migrations';
export { connectionConfig, createPool } from './pools';
export { openRedis, redisName } from './redis';
export {
  EMBEDDED_DATABASE, EMBEDDED_LOGIN, missingRights, POSTGRES_MAJOR_MIN, provisionEmbedded, provisionExternal, provisioningSql, ROLES, type Role,
} from './roles';
export { findRowSecurityFaults, listTenantTables } from './row-security';
export { printSchema } from './schema-sql';
export { createSecretBox, keyIdOf, type RowIdentity, type SecretBox } from './secrets';
export { openTracing, type SpanFacts, type Tracing, type TracingOptions } from './tracing';
export { databaseName, unreachableDatabase } from './unreachable';
export { Prisma, PrismaClient } from '../generated/client';
export { createGuardedFetch, type GuardedFetch } from './guarded-fetch';

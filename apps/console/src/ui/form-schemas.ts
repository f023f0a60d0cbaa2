import { z } from 'zod';

/** The same rules as the server's, so that a field says what is wrong before anything is sent. The server decides. */
export const PASSWORD_LENGTH_MIN = 10;

export const emailField = z.string().trim().max(254, 'At most 254 characters.').pipe(z.email('Enter an e-mail address such as ana@example.com.'));
export const newPasswordField = z.string().min(PASSWORD_LENGTH_MIN, `Use at least ${PASSWORD_LENGTH_MIN} characters.`).max(200, 'At most 200 characters.');
export const givenPasswordField = z.string().min(1, 'Enter your password.');
export const teamNameField = z.string().trim().min(1, 'Enter the name of the team.').max(100, 'At most 100 characters.');
export const personNameField = z.string().trim().min(1, 'Enter your name.').max(100, 'At most 100 characters.');
export const keyNameField = z.string().trim().min(1, 'Enter a name that says where the key is used.').max(100, 'At most 100 characters.');
export const environmentField = z
  .string()
  .trim()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'Use 1 to 32 lower-case letters, digits or dashes, such as production.');

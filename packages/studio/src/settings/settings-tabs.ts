/** The parts of the settings, as addresses name them. */
export const settingsTabs = ['keys', 'workspaces', 'providers', 'server', 'doctor', 'browser'] as const
export type SettingsTab = (typeof settingsTabs)[number]

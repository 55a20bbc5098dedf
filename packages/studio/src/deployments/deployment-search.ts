export const DEPLOYMENT_TABS = ['workers', 'workflows', 'logs'] as const
export type DeploymentTab = (typeof DEPLOYMENT_TABS)[number]
